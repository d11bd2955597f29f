# One image for every command: docker run korshi serve | migrate | keys | load-territory … | doctor
FROM python:3.11-slim AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/korshi UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --extra postgres --no-install-project
COPY bot ./bot
COPY handlers ./handlers
COPY migrations ./migrations
COPY locales ./locales
RUN /opt/korshi/bin/pybabel compile --directory locales --domain korshi \
    && /opt/korshi/bin/python -m compileall -q bot handlers migrations

FROM python:3.11-slim
# An empty PYTHONTZPATH: the zones of the locked tzdata package, never the system's older ones.
ENV PATH=/opt/korshi/bin:$PATH PYTHONTZPATH="" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    KORSHI_HOST=0.0.0.0 KORSHI_LOG_FORMAT=json
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin korshi \
    && mkdir var && chown korshi var
COPY --from=build /opt/korshi /opt/korshi
COPY --from=build /app /app
USER korshi
# Everything that is written: database, keys, files. The rest of the image may be read-only.
VOLUME /app/var
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('KORSHI_PORT', '8080') + '/healthz', timeout=3)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]

"""`make run`: with any token in .env the real thing, without one a demo department and stand-in messengers."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOKENS = ("KORSHI_TELEGRAM_TOKEN", "KORSHI_TWILIO_ACCOUNT_SID", "KORSHI_TWILIO_AUTH_TOKEN")
PHONES = "http://127.0.0.1:8090"
KORSHI = "http://127.0.0.1:8080"
READY_SECONDS = 60
STOP_SECONDS = 15

# Everything the demo sets: the stand-ins accept these; a real messenger knows none of them.
DEMO = {
    "KORSHI_TELEGRAM_TOKEN": "4000000000:DEMO-stand-in-token-of-no-real-bot",
    "KORSHI_TELEGRAM_API_URL": PHONES,
    "KORSHI_TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000de0",
    "KORSHI_TWILIO_AUTH_TOKEN": "demo-auth-token-of-the-stand-in",
    "KORSHI_TWILIO_WHATSAPP_FROM": "+77000000000",
    "KORSHI_TWILIO_API_URL": PHONES,
    "KORSHI_PUBLIC_URL": KORSHI,
    "KORSHI_TELEGRAM_WEBHOOK_SECRET": "demo-webhook-secret",
    "KORSHI_DATABASE_URL": "sqlite+aiosqlite:///var/demo.db",
    "KORSHI_SECRET_KEYS_FILE": "var/demo_secret_keys",
    "KORSHI_PEPPER_FILE": "var/demo_pepper",
    "KORSHI_MEDIA_DIR": "var/demo_media",
    "KORSHI_TEMPLATES_FILE": "demo/templates.toml",
    "KORSHI_OWN_CHATS_NEED_APPROVAL": "false",  # an inspector's warning goes at once, the staff's needs a second phone
    "KORSHI_HOST": "127.0.0.1",
    "KORSHI_PORT": "8080",
}


def has_token() -> bool:
    env_file = ROOT / ".env"
    lines = env_file.read_text(encoding="utf-8").splitlines() if env_file.exists() else []
    named = {
        name.strip().removeprefix("export "): value.strip() for name, _, value in (x.partition("=") for x in lines)
    }
    return any(os.environ.get(name) or named.get(name) for name in TOKENS)


def main() -> int:
    os.chdir(ROOT)
    if has_token():
        run("keys")
        run("migrate")
        os.execv(sys.executable, [sys.executable, "-m", "bot", "serve"])  # noqa: S606 - one process, its own signals
    for port in (8080, 8090):
        if is_taken(port):
            print(f"Port {port} is taken by another program. Stop it and try again.", file=sys.stderr)
            return 1
    environment = os.environ | {name: os.environ.get(name, value) for name, value in DEMO.items()} | {
        "KORSHI_QUIET_HOURS": os.environ.get("KORSHI_QUIET_HOURS", "22:00-08:00"),
    }  # fmt: skip
    is_new = not Path("var/demo.db").exists()
    phones = start_phones(environment)  # they come up while the database is prepared
    try:
        if not (Path("var/demo_secret_keys").exists() and Path("var/demo_pepper").exists()):
            run("keys", environment)
        if is_new:
            print("Preparing the database …", flush=True)
            run("migrate", environment)
            print("Loading the demo department …", flush=True)
            run("load-territory", environment, "demo")
    except BaseException:
        phones.kill()
        raise
    return supervise(environment, phones)


def run(command: str, environment: dict[str, str] | None = None, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "bot", command, *arguments], env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def start_phones(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    print("Starting the stand-in messengers …", flush=True)
    simulator = [sys.executable, "-m", "simulator", "--port", "8090", "--state", "var/demo-phones.db"]
    simulator += ["--people", "demo/phones.json", "--bot-url", KORSHI, "--templates", "demo/templates.json"]
    simulator += ["--account-sid", environment["KORSHI_TWILIO_ACCOUNT_SID"]]
    simulator += ["--auth-token", environment["KORSHI_TWILIO_AUTH_TOKEN"]]
    simulator += ["--whatsapp-sender", "whatsapp:" + environment["KORSHI_TWILIO_WHATSAPP_FROM"]]
    return subprocess.Popen(simulator, env=environment, start_new_session=True)


def supervise(environment: dict[str, str], phones: "subprocess.Popen[bytes]") -> int:
    """The stand-ins and Korshi side by side. Ctrl-C stops both in order; if one ends, so does the other."""
    stopping: list[bool] = []
    parts = [phones]

    def stop() -> None:
        stopping.append(True)
        for part in reversed(parts):
            part.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None if stopping else stop())
    print("Starting Korshi …", flush=True)
    serve = [sys.executable, "-m", "bot", "serve", "--migrate"]
    parts.append(subprocess.Popen(serve, env=environment, start_new_session=True))
    if wait_for(f"{PHONES}/sim/people", parts) and wait_for(f"{KORSHI}/readyz", parts):
        print(f"\n  Phones page   {PHONES}\n  Health        {KORSHI}/healthz\n\nCtrl-C stops everything.\n", flush=True)
    while not stopping and all(part.poll() is None for part in parts):
        time.sleep(0.3)
    was_asked = bool(stopping)
    if not was_asked:
        stop()
    for part in reversed(parts):
        try:
            part.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            part.kill()
    print("Stopped. The next start goes on with the same data.", flush=True)
    return 0 if was_asked else 1


def wait_for(address: str, parts: list[subprocess.Popen[bytes]]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and all(part.poll() is None for part in parts):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    sys.exit(main())

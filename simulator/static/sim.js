// The stand-in's control API, and the stream that tells which phone has something new.

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(`/sim${path}`, options);
  } catch {
    throw new Error("");
  }
  const text = await answer.text();
  let found = null;
  try { found = text ? JSON.parse(text) : null; } catch { /* an error page in plain words */ }
  if (!answer.ok) throw new Error(found?.error ?? found?.description ?? found?.detail ?? text.slice(0, 200));
  return found;
}

const rows = (found, name) => (Array.isArray(found) ? found : found?.[name] ?? []);
const part = (id) => encodeURIComponent(id);

export const sim = {
  people: async () => rows(await call("GET", "/people"), "people"),
  groups: async () => rows(await call("GET", "/groups"), "groups"),
  bot: () => call("GET", "/bot"),
  newPerson: (facts) => call("POST", "/people", facts),
  newGroup: (facts) => call("POST", "/groups", facts),
  group: (group, act, facts) => call("POST", `/groups/${part(group)}/${act}`, facts),
  act: (person, act, facts) => call("POST", `/people/${part(person)}/${act}`, facts),
  chat: (person, chat, after) => {
    const query = new URLSearchParams({ after });
    if (chat !== null) query.set("chat", chat);
    return call("GET", `/people/${part(person)}/chat?${query}`);
  },
};

/** Call `heard` for every change and `line(true|false)` when the stream stands or falls; reconnects for ever. */
export function listen(heard, line) {
  let last = 0;
  let stream = null;
  const take = (event) => {
    last = Math.max(last, event.seq ?? 0);
    heard(event);
  };
  const connect = () => {
    stream = new EventSource("/sim/events");
    stream.onopen = () => line(true);
    stream.onmessage = (message) => take(JSON.parse(message.data));
    stream.onerror = () => {
      line(false);
      if (stream.readyState !== EventSource.CLOSED) return;
      poll();
    };
  };
  // A proxy that swallows event streams still lets a long question through.
  const poll = async () => {
    try {
      const answer = await fetch(`/sim/wait?after=${last}&timeout=20`);
      if (!answer.ok) throw new Error("");
      const { seq } = await answer.json();
      line(true);
      if (seq > last) take({ seq });
      setTimeout(poll, 100);
    } catch {
      line(false);
      setTimeout(connect, 2000);
    }
  };
  addEventListener("pagehide", () => stream?.close());
  connect();
}

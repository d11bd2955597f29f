"""The world both stand-ins share: people, groups, chats, files, and a number that grows with every change."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import aiohttp

from simulator.changes import Changes
from simulator.faults import Faults
from simulator.journal import Journal
from simulator.limits import Limits
from simulator.settings import Settings
from simulator.stats import Stats
from simulator.telegram.account import Account
from simulator.things import CallbackQuery, Chat, Group, Json, Line, MessageId, Person, StoredFile, Toast
from simulator.twilio.records import Register

MOST_LINES = 1_000
MOST_QUERIES = 20_000
SAFETY_GAP = 1_000
"""After a crash counters jump ahead by this much, so that no id is ever given twice."""


class World:
    """Everything that exists here. Only one event loop may use it."""

    def __init__(
        self,
        settings: Settings | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or Settings()
        self.now = now
        self.monotonic = monotonic
        self.own_url = self.settings.own_url
        self.people: dict[str, Person] = {}
        self.by_telegram: dict[int, Person] = {}
        self.by_username: dict[str, Person] = {}
        self.groups: dict[int, Group] = {}
        self.chats: dict[str, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: OrderedDict[str, CallbackQuery] = OrderedDict()
        self.accounts: dict[int, Account] = {}
        self.changes = Changes(lambda: self.seq)
        self.stats = Stats()
        self.limits = Limits(self.stats, self.settings.enforce_limits)
        self.faults = Faults()
        self.journal = Journal(self.settings.state)
        self.register = Register(self)
        self.counters: dict[str, int] = {"seq": 0, "message": 0, "telegram_id": 5_000_000, "phone": 77_010_000_000}
        self._main: Account | None = None
        self._http: aiohttp.ClientSession | None = None
        self.webhook_answer: Callable[[Account, str, Json], Awaitable[None]] | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        """The client for webhooks, callbacks and media the bot links to."""
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=128), trust_env=False)
        return self._http

    @property
    def seq(self) -> int:
        return self.counters["seq"]

    def count(self, name: str, start: int = 0) -> int:
        """The next number of a counter that survives a restart."""
        value = self.counters.get(name, start) + 1
        self.counters[name] = value
        self.journal.note("meta", "counters", self.counters)
        return value

    # --- changes ---

    def changed(self, person: str | None = None, group: int | None = None) -> int:
        """Give a change its number and tell all who wait for one."""
        seq = self.count("seq")
        self.changes.tell({"seq": seq, "person": person} if group is None else {"seq": seq, "group": group})
        return seq

    # --- people and groups ---

    def keep_person(self, person: Person) -> Person:
        self.people[person.id] = person
        if person.telegram_id is not None:
            self.by_telegram[person.telegram_id] = person
        if person.username:
            self.by_username[person.username.lower()] = person
        self.journal.note("person", person.id, person)
        return person

    def keep_group(self, group: Group) -> Group:
        self.groups[group.id] = group
        self.journal.note("group", str(group.id), group)
        return group

    def shares_group_with_bot(self, person: Person) -> bool:
        return any(group.bot != "none" and person.id in group.members for group in self.groups.values())

    # --- chats ---

    def chat(self, key: str) -> Chat:
        chat = self.chats.get(key)
        if chat is None:
            chat = self.chats[key] = Chat(key)
        return chat

    def next_message_id(self, group: Group | None) -> int:
        if group is not None and group.type == "supergroup":
            group.last_message_id += 1
            self.keep_group(group)
            return group.last_message_id
        return self.count("message")

    def keep_line(self, line: Line) -> Line:
        """Store a new or changed message and number the change."""
        chat = self.chat(line.chat)
        chat.lines[line.id] = line
        group = int(line.chat) if line.chat.startswith("-") else None
        line.seq = self.changed(None if group is not None else line.chat, group)
        self.journal.note("line", f"{line.chat}|{line.id}", line)
        if len(chat.lines) > MOST_LINES:
            oldest = next(iter(chat.lines))
            del chat.lines[oldest]
            chat.dropped += 1
            self.journal.note("line", f"{line.chat}|{oldest}", None)
        return line

    def line(self, chat: str, message_id: MessageId) -> Line | None:
        found = self.chats.get(chat)
        line = found.lines.get(message_id) if found else None
        return None if line is None or line.deleted else line

    def set_keyboard(self, chat: Chat, keyboard: Json | None) -> None:
        chat.keyboard = keyboard
        self.journal.note("keyboard", chat.key, None if keyboard is None else {"keyboard": keyboard})

    def toast(self, chat: str, person: str, text: str, alert: bool) -> None:
        toasts = self.chat(chat).toasts
        toasts.append(Toast(self.changed(person), text, alert, person))
        del toasts[:-50]

    def keep_query(self, query: CallbackQuery) -> None:
        self.queries[query.id] = query
        if len(self.queries) > MOST_QUERIES:
            self.queries.popitem(last=False)

    # --- files ---

    def keep_file(self, file: StoredFile) -> StoredFile:
        self.files[file.id] = file
        self.journal.note("file", file.id, file)
        return file

    def file_id(self, kind: str, content: bytes, salt: str = "") -> str:
        """The same bytes of the same kind have the same id."""
        return (
            f"{kind[:2].upper()}gACAgIAAxkB{hashlib.sha256(kind.encode() + salt.encode() + content).hexdigest()[:48]}"
        )

    # --- bots ---

    @property
    def main(self) -> Account:
        """The bot that people talk to: whoever last asked for updates, else the first that called."""
        if self._main is None:
            token = self.settings.token or "7000000001:" + "A" * 35
            self._main = self.account(token)
            self._main.provisional = not self.settings.token
        return self._main

    def account(self, token: str) -> Account:
        """The bot of a token; the first real one inherits what had been waiting for a bot."""
        number = int(token.partition(":")[0])
        account = self.accounts.get(number)
        if account is None:
            waiting = self._main
            if waiting is not None and waiting.provisional:
                del self.accounts[waiting.id]
                account = waiting
                account.adopt(number, token)
            else:
                account = Account(self, number, token)
            self.accounts[number] = account
            if self._main is None:
                self._main = account
            account.note()
        return account

    def prefer(self, account: Account) -> None:
        """From now on people talk to this bot."""
        before, self._main = self._main, account
        if before is not account:
            account.note()
            if before is not None:
                before.note()

    # --- life ---

    def load(self) -> bool:
        """Take over what the journal kept; False when there was nothing."""
        for _, body in self.journal.load("meta"):
            self.counters.update(body)
        for _, body in self.journal.load("person"):
            self.keep_person(Person(**body))
        for _, body in self.journal.load("group"):
            self.keep_group(Group(**body))
        for _, body in self.journal.load("file"):
            self.keep_file(StoredFile(**body))
        lines = sorted((Line(**body) for _, body in self.journal.load("line")), key=lambda line: (line.date, line.seq))
        for line in lines:
            self.chat(line.chat).lines[line.id] = line
        for key, body in self.journal.load("keyboard"):
            self.chat(key).keyboard = body["keyboard"]
        for _, body in self.journal.load("account"):
            self._load_account(body)
        self.register.load()
        if self.counters.pop("clean", 1) == 0:
            for name in self.counters:
                self.counters[name] += SAFETY_GAP
            for group in self.groups.values():
                group.last_message_id += SAFETY_GAP
        found = bool(self.people)
        self.counters["clean"] = 0
        self.journal.note("meta", "counters", self.counters)
        return found

    def _load_account(self, body: Json) -> None:
        account = Account(self, body["id"], body["token"])
        account.restore(body)
        self.accounts[account.id] = account
        if body.get("is_main"):
            self._main = account

    def start(self) -> None:
        self.journal.start()
        for account in self.accounts.values():
            account.wake()
        self.register.start()

    def close(self) -> None:
        """At shutdown: whoever waits is answered at once."""
        for account in self.accounts.values():
            account.release()
        self.changes.close()

    async def stop(self) -> None:
        self.close()
        for account in self.accounts.values():
            await account.stop()
        await self.register.stop()
        if self._http is not None:
            await self._http.close()
            self._http = None
        self.counters["clean"] = 1
        self.journal.note("meta", "counters", self.counters)
        await self.journal.stop()

    async def reset(self) -> None:
        """Empty the world and begin again; settings and the numbers of changes stay."""
        for account in self.accounts.values():
            await account.stop()
        await self.register.stop()
        for store in (self.people, self.by_telegram, self.by_username, self.groups, self.chats, self.files):
            store.clear()
        self.queries.clear()
        self.accounts.clear()
        self._main = None
        self.faults.clear()
        self.stats.clear()
        self.limits.change({"reset": True, "enforce": self.settings.enforce_limits})
        self.register.clear()
        self.journal.forget()
        self.changed()

    @staticmethod
    def hex(size: int = 16) -> str:
        return secrets.token_hex(size)

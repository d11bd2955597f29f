"""Editing and deleting messages, answering presses."""

from typing import Any

from simulator.telegram import content
from simulator.telegram.calls import Call, Method, Target, admit, writable
from simulator.telegram.refusals import bad
from simulator.telegram.sending import caption_part, text_part
from simulator.things import BOT, Json, Line

DELETABLE_SECONDS = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_CAPTIONED = ("photo", "video", "voice", "audio", "document", "animation")


def _own(call: Call) -> tuple[Target, Line]:
    """The bot's message to be changed."""
    target = writable(call)
    line = call.world.line(target.key, call.params.get("message_id") or 0)
    if line is None:
        raise bad("message to edit not found")
    if line.sender != BOT or line.raw["from"]["id"] != call.account.id:
        raise bad("message can't be edited")
    return target, line


def _change(call: Call, target: Target, line: Line, dropped: tuple[str, ...], part: Json) -> Json:
    markup = content.markup_of(call.params, target.private)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad("message can't be edited")
    kept = {name: value for name, value in line.raw.items() if name not in (*dropped, "reply_markup", "edit_date")}
    changed = kept | part | ({"reply_markup": markup} if markup else {})
    before = {name: value for name, value in line.raw.items() if name != "edit_date"}
    if changed == before:
        raise bad(NOT_MODIFIED)
    admit(call, target)
    only_buttons = not dropped
    if not only_buttons or line.edited:
        changed["edit_date"] = int(call.world.now())
    line.raw = changed
    line.edited = line.edited or not only_buttons
    call.world.keep_line(line)
    return changed


async def edit_text(call: Call) -> Json:
    target, line = _own(call)
    try:
        part = text_part(call.params)
    except Exception as trouble:
        if "too long" in str(trouble):
            raise bad("MESSAGE_TOO_LONG") from None
        raise
    if "text" not in line.raw:
        raise bad("there is no text in the message to edit")
    return _change(call, target, line, ("text", "entities", "link_preview_options"), part)


async def edit_caption(call: Call) -> Json:
    target, line = _own(call)
    if not any(kind in line.raw for kind in _CAPTIONED):
        raise bad("there is no caption in the message to edit")
    return _change(call, target, line, ("caption", "caption_entities"), caption_part(call.params))


async def edit_markup(call: Call) -> Json:
    target, line = _own(call)
    return _change(call, target, line, (), {})


def _deletable(call: Call, target: Target, line: Line) -> bool:
    own = line.sender == BOT
    if not own and target.group is not None and target.group.bot != "admin":
        return False
    return (own and target.group is not None) or call.world.now() - line.date <= DELETABLE_SECONDS


async def delete_message(call: Call) -> bool:
    target = writable(call)
    line = call.world.line(target.key, call.params["message_id"])
    if line is None:
        raise bad("message to delete not found")
    if not _deletable(call, target, line):
        raise bad("message can't be deleted for everyone")
    _delete(call, line)
    return True


async def delete_messages(call: Call) -> bool:
    target = writable(call)
    numbers: list[int] = call.params["message_ids"]
    if not 1 <= len(numbers) <= 100:
        raise bad("message identifiers are not specified" if not numbers else "too many message identifiers specified")
    for number in numbers:
        line = call.world.line(target.key, number)
        if line is not None and _deletable(call, target, line):
            _delete(call, line)
    return True


def _delete(call: Call, line: Line) -> None:
    line.deleted = True
    call.world.keep_line(line)


async def answer_callback(call: Call) -> Any:
    """A press can be answered once, within 30 seconds (configurable)."""
    world = call.world
    text = call.params.get("text") or ""
    if len(text) > 200:
        raise bad("MESSAGE_TOO_LONG")
    query = world.queries.get(call.params["callback_query_id"])
    if query is None or query.answered or world.monotonic() - query.at > world.limits.rates.callback_seconds:
        raise bad(TOO_OLD)
    query.answered = True
    world.toast(query.chat, query.person, text, bool(call.params.get("show_alert")))  # silent ones too: the clock stops
    return True


METHODS: dict[str, Method] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback,
}

"""Settings: a malformed one is refused by its name with an example; the example file names them all."""

import re
from datetime import time
from pathlib import Path

import pytest

from bot.config import EXAMPLES, PREFIX, QuietHours, Settings, read_settings, unknown_names
from bot.errors import SettingWrong

ROOT = Path(__file__).parent.parent
EXAMPLE_FILE = ROOT / ".env.example"
TOKEN = "123456789:AAE-abcdefghij"
TWILIO = {
    "twilio_account_sid": "AC0123456789abcdef0123456789abcdef",
    "twilio_auth_token": "0123456789abcdef",
    "twilio_whatsapp_from": "+77001234567",
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env of the developer is read."""
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name.upper(), value)


def refusal(monkeypatch: pytest.MonkeyPatch, **values: str) -> dict[str, str]:
    set_all(monkeypatch, **values)
    with pytest.raises(SettingWrong) as caught:
        read_settings()
    return caught.value.facts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("telegram_token", "not-a-token"),
        ("telegram_token", "123456789:short"),
        ("telegram_api_url", "api.telegram.org"),
        ("telegram_webhook_secret", "with spaces"),
        ("telegram_webhook_secret", "x" * 257),
        ("twilio_whatsapp_from", "87001234567"),
        ("twilio_whatsapp_from", "+7 700 123 45 67"),
        ("twilio_api_url", "ftp://api.twilio.com"),
        ("public_url", "korshi.example.kz"),
        ("public_url", "https://"),
        ("database_url", "mysql://localhost/korshi"),
        ("database_url", "sqlite:///var/korshi.db"),
        ("database_url", ""),
        ("port", "http"),
        ("port", ""),
        ("owner_telegram_ids", "123456789;987654321"),
        ("owner_telegram_ids", "@chief"),
        ("timezone", "Asia/Nowhere"),
        ("timezone", "../etc/passwd"),
        ("quiet_hours", "at night"),
        ("quiet_hours", "22-08"),
        ("quiet_hours", "25:00-08:00"),
        ("quiet_hours", "22:60-08:00"),
        ("log_format", "xml"),
        ("own_chats_need_approval", "sometimes"),
        ("roles", "web,cook"),
    ],
)
def test_a_malformed_setting_is_named_with_an_example(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    facts = refusal(monkeypatch, **{name: value})
    assert facts["name"] == PREFIX + name.upper()
    assert facts["reason"]
    assert facts["example"] == EXAMPLES[name] != ""


@pytest.mark.parametrize(
    "name",
    [
        "campaign_grace_minutes",
        "telegram_rate",
        "whatsapp_rate",
        "telegram_chat_gap_seconds",
        "whatsapp_chat_gap_seconds",
        "telegram_group_limit",
        "telegram_group_bulk_limit",
    ],
)
def test_a_number_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert refusal(monkeypatch, **{name: "fast"})["name"] == PREFIX + name.upper()


@pytest.mark.parametrize("name", ["telegram_token", "telegram_webhook_secret", "twilio_whatsapp_from"])
def test_a_refusal_does_not_repeat_the_value(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert "canary value" not in str(refusal(monkeypatch, **{name: "canary value"}))


@pytest.mark.parametrize("missing", sorted(TWILIO))
def test_twilio_needs_all_of_its_three(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    rest = {name: value for name, value in TWILIO.items() if name != missing}
    facts = refusal(monkeypatch, public_url="https://korshi.example.kz", **rest)
    assert facts["name"] == PREFIX + missing.upper()
    assert facts["example"] == EXAMPLES[missing]


def test_twilio_without_a_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = refusal(monkeypatch, **TWILIO)
    assert facts["name"] == "KORSHI_PUBLIC_URL"
    assert facts["example"] == "https://korshi.example.kz"


@pytest.mark.parametrize("secret", [{}, {"telegram_webhook_secret": ""}])
def test_a_webhook_without_a_secret(monkeypatch: pytest.MonkeyPatch, secret: dict[str, str]) -> None:
    facts = refusal(monkeypatch, telegram_token=TOKEN, public_url="https://korshi.example.kz", **secret)
    assert facts["name"] == "KORSHI_TELEGRAM_WEBHOOK_SECRET"


def test_polling_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, telegram_token=TOKEN, public_url="")
    settings = read_settings()
    assert settings.has_telegram
    assert settings.public_url is None


def test_nothing_set_is_both_messengers_off() -> None:
    settings = read_settings()
    assert not settings.has_telegram
    assert not settings.has_whatsapp
    assert not settings.uses_official_host
    assert settings.callback_url == "http://127.0.0.1:8080"


def test_everything_set(monkeypatch: pytest.MonkeyPatch) -> None:
    values = TWILIO | {"twilio_whatsapp_from": "whatsapp:+77001234567"}
    set_all(
        monkeypatch, telegram_token=TOKEN, telegram_webhook_secret="s", public_url="https://k.example.kz/", **values
    )
    settings = read_settings()
    assert settings.has_telegram
    assert settings.has_whatsapp
    assert settings.uses_official_host
    assert settings.public_url == settings.callback_url == "https://k.example.kz"
    assert settings.twilio_whatsapp_from == "+77001234567"


def test_stand_in_hosts_are_not_official(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, telegram_token=TOKEN, telegram_api_url="http://127.0.0.1:8090")
    assert not read_settings().uses_official_host


def test_secrets_have_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(
        monkeypatch, telegram_token=TOKEN, pepper="canary-pepper", secret_keys="canary-key", metrics_token="canary-m"
    )
    shown = repr(read_settings())
    assert TOKEN not in shown
    assert "canary" not in shown


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("22:00-08:00", QuietHours(time(22), time(8))),
        ("9:30 - 18:05", QuietHours(time(9, 30), time(18, 5))),
        ("", None),
        ("  ", None),
    ],
)
def test_quiet_hours(monkeypatch: pytest.MonkeyPatch, text: str, span: QuietHours | None) -> None:
    set_all(monkeypatch, quiet_hours=text)
    assert read_settings().quiet_hours == span


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [(time(21, 59), False), (time(22), True), (time(0), True), (time(7, 59), True), (time(8), False)],
)
def test_quiet_hours_pass_midnight(at: time, is_quiet: bool) -> None:
    assert QuietHours(time(22), time(8)).holds(at) is is_quiet


@pytest.mark.parametrize(("at", "is_quiet"), [(time(12), False), (time(13), True), (time(14), False)])
def test_quiet_hours_within_a_day(at: time, is_quiet: bool) -> None:
    assert QuietHours(time(13), time(14)).holds(at) is is_quiet


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, owner_telegram_ids="123456789, 987654321,", roles="web, courier")
    settings = read_settings()
    assert settings.owner_telegram_ids == (123456789, 987654321)
    assert settings.roles == {"web", "courier"}


def test_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, owner_telegram_ids="")
    assert read_settings().owner_telegram_ids == ()


def test_the_environment_outweighs_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("KORSHI_PORT=9001\nKORSHI_HOST=0.0.0.0\n", encoding="utf-8")
    set_all(monkeypatch, port="9002")
    settings = read_settings()
    assert (settings.port, settings.host) == (9002, "0.0.0.0")


def test_unknown_names_of_environment_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in unknown_names():
        monkeypatch.delenv(name)
    lines = "export KORSHI_PROT=1\n# KORSHI_COMMENTED=1\nKORSHI_PORT=9001\nOTHER=2\n"
    (tmp_path / ".env").write_text(lines, encoding="utf-8")
    set_all(monkeypatch, tokn="x")
    assert unknown_names() == ["KORSHI_PROT", "KORSHI_TOKN"]


# -- .env.example


def test_the_example_file_names_every_setting_once() -> None:
    names = re.findall(r"^(?:# )?(KORSHI_\w+)=", EXAMPLE_FILE.read_text(encoding="utf-8"), re.M)
    assert sorted(names) == sorted(PREFIX + field.upper() for field in Settings.model_fields)


def test_the_example_file_as_it_is_changes_nothing() -> None:
    assert Settings(_env_file=EXAMPLE_FILE) == Settings(_env_file=None)


def test_the_commented_values_are_the_defaults(tmp_path: Path) -> None:
    text = re.sub(r"^# (KORSHI_\w+=)", r"\1", EXAMPLE_FILE.read_text(encoding="utf-8"), flags=re.M)
    (tmp_path / "all.env").write_text(text, encoding="utf-8")
    changes = Settings(_env_file=tmp_path / "all.env").model_dump()
    defaults = Settings(_env_file=None).model_dump()
    key_files = {"secret_keys_file": Path("var/secret_keys"), "pepper_file": Path("var/pepper")}
    assert changes == defaults | key_files


# -- what else names settings and paths


def documents() -> list[Path]:
    names = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "Dockerfile", "compose.yaml", "templates.example.toml")
    return [*(ROOT / name for name in names), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documents_name_only_settings_that_exist(document: Path) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    named = set(re.findall(r"KORSHI_[A-Z][A-Z_]*[A-Z]", document.read_text(encoding="utf-8")))
    assert {name for name in named if not name.startswith("KORSHI_TEST")} <= known


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documents_link_to_files_that_exist(document: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_image_copies_what_exists_and_pins_the_same_uv() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    sources = [name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M) for name in line.split()]
    assert {"pyproject.toml", "uv.lock", "bot", "handlers", "migrations", "locales"} == set(sources)
    assert all((ROOT / name).exists() for name in sources)
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert f"uv=={version}" in text

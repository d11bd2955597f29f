"""A sum of tenge as people write it."""

import re

MOST = 10**12
_SUM = re.compile(r"\d[\d\s\u00a0.,]*")
_UNITS = (
    (re.compile(r"\s*(?:тыс|мың|мын|myn|к(?!\w)|k(?!\w))", re.IGNORECASE), 1_000),
    (re.compile(r"\s*(?:млн|миллион|million)", re.IGNORECASE), 1_000_000),
)


def tenge_in(text: str) -> int | None:
    """«250 000», «250 мың», «1,5 млн», «90к»: the first sum, in whole tenge; None: there is none. Pure."""
    found = _SUM.search(text[:200])
    if found is None:
        return None
    digits, rest = found[0].strip(" \u00a0.,"), text[found.end() :]
    factor = next((value for unit, value in _UNITS if unit.match(rest)), 1)
    whole = re.sub(r"[\s\u00a0]", "", digits)
    if factor == 1:
        whole = re.sub(r"[.,]\d{1,2}$", "", whole)
        value = float(re.sub(r"[.,]", "", whole) or 0)
    else:
        try:
            value = float(whole.replace(",", "."))
        except ValueError:
            return None
    result = round(value * factor)
    return result if 0 <= result <= MOST else None

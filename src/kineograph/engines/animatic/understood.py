"""What was understood of a prompt, as the caller sees it: JSON of the task, and rows of `kineo explain`."""

from __future__ import annotations

from typing import Any

from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

# Slots that say something only when they are not as usual.
USUAL = {
    "framing": "medium",
    "mood": "calm",
    "style": "cinematic",
    "camera": "drift",
    "weather": "clear",
    "tempo": "normal",
}


def facts_of(spec: SceneSpec) -> dict[str, Any]:
    """What was understood, as JSON for the caller."""
    return {"scene": _scene(spec), "unmatched": list(spec.unmatched)}


def _scene(spec: SceneSpec) -> dict[str, Any]:
    scene: dict[str, Any] = {
        "setting": spec.setting,
        "time": spec.time,
        "weather": spec.weather,
        "subjects": [_subject(subject) for subject in spec.subjects],
        "effects": sorted(spec.effects),
        "camera": spec.camera,
        "framing": spec.framing,
        "style": spec.style,
        "mood": spec.mood,
        "words": {slot: list(words) for slot, words in spec.words.items()},
    }
    if spec.time_to is not None:
        scene["time_to"] = spec.time_to
    if spec.tempo != "normal":
        scene["tempo"] = spec.tempo
    if spec.setting == "studio":
        scene["backdrop"] = spec.backdrop
    if spec.then is not None:
        scene["then"] = _scene(spec.then)
    return scene


def _subject(subject: SubjectSpec) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "kind": subject.kind,
        "count": subject.count,
        "young": subject.young,
        "colour": subject.colour,
        "action": subject.action,
    }
    if subject.material is not None:
        facts["material"] = subject.material
    if subject.size != "medium":
        facts["size"] = subject.size
    if subject.worn:
        facts["worn"] = [{"what": what, "colour": colour} for what, colour in subject.worn]
    if subject.relation is not None:
        facts["relation"] = subject.relation
    if subject.to is not None:
        facts["to"] = subject.to
    return facts


def rows_of(spec: SceneSpec) -> list[tuple[str, str, str]]:
    """(slot, what it became, the words that said it), ready to print; what is as usual and was not said is left out."""
    words = {slot: ", ".join(texts) for slot, texts in spec.words.items()}
    time = spec.time if spec.time_to is None else f"{spec.time} → {spec.time_to}"
    rows = [("setting", spec.setting, words.get("setting", "")), ("time", time, _said(words, "time", "time_to"))]
    for subject in spec.subjects:
        rows.append(("subject", _described(subject, spec), ""))
    for slot in ("subjects", "counts", "colours", "sizes", "materials", "actions", "relations"):
        if slot in words:
            rows.append((f"  {slot}", "", words[slot]))
    for slot, usual in USUAL.items():
        value = str(getattr(spec, slot))
        if value != usual or slot in words:
            rows.append((slot, value, words.get(slot, "")))
    if spec.effects:
        rows.append(("effects", ", ".join(sorted(spec.effects)), words.get("effects", "")))
    if spec.setting == "studio":
        rows.append(("backdrop", spec.backdrop, words.get("backdrop", "")))
    if "without" in words:
        rows.append(("without", "", words["without"]))
    if spec.then is not None:
        rows += [("then", "", ""), *rows_of(spec.then)]
    return rows


def _said(words: dict[str, str], *slots: str) -> str:
    return ", ".join(words[slot] for slot in slots if slot in words)


def _described(subject: SubjectSpec, spec: SceneSpec) -> str:
    """3 × young black cat, playing, on the box: the row in words."""
    size = "" if subject.size == "medium" else subject.size
    young = "young" if subject.young else ""
    parts = [
        f"{subject.count} ×" if subject.count > 1 else "",
        size,
        young,
        subject.colour,
        subject.material,
        subject.kind,
    ]
    text = " ".join(part for part in parts if part)
    text += "".join(f", {colour} {what}" if colour else f", {what}" for what, colour in subject.worn)
    text += f", {subject.action}" if subject.action != "idle" else ""
    if subject.relation is not None:
        text += f", {subject.relation}" + (f" {spec.subjects[subject.to].kind}" if subject.to is not None else "")
    return text

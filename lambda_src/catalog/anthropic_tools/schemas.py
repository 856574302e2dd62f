"""What the tools that a client runs take, as JSON schemas for models that were not taught them.

https://platform.claude.com/docs/en/agents-and-tools/tool-use/ (bash, text editor, computer use and
memory tool), and the models of the `anthropic` package 2.12.0. Seen on 2026-11-22.
"""

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_POINT: Json = {
    "type": "array",
    "items": {"type": "integer"},
    "minItems": 2,
    "maxItems": 2,
    "description": "Pixels from the left and from the top of the screen.",
}


def _one_of(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def _of(schema: Json, description: str) -> Json:
    return {**schema, "description": description}


BASH = {
    "command": _of(_TEXT, "The command to run. Not needed for a restart."),
    "restart": {"type": "boolean", "description": "True to start the shell anew."},
}
SHELL = "Runs commands in a bash shell that keeps its state from one call to the next."

_RANGE: Json = {
    "type": "array",
    "items": {"type": "integer"},
    "minItems": 2,
    "maxItems": 2,
    "description": "For view: the first and last line to show, from 1; -1 for the end of the file.",
}
_FILE = {
    "path": _of(_TEXT, "The file, or for view the file or directory."),
    "view_range": _RANGE,
    "file_text": _of(_TEXT, "For create: all that the file is to hold."),
    "old_str": _of(_TEXT, "For str_replace: the text to replace, which the file has exactly once."),
    "insert_line": {
        "type": "integer",
        "description": "For insert: the line to insert after; 0 for the beginning of the file.",
    },
}
_REPLACED = _of(_TEXT, "For str_replace: the text in its place.")
EDITOR = {
    "command": _one_of("view", "create", "str_replace", "insert"),
    **_FILE,
    "new_str": _REPLACED,
    "insert_text": _of(_TEXT, "For insert: the text to insert."),
}
FIRST_EDITOR = {
    "command": _one_of("view", "create", "str_replace", "insert", "undo_edit"),
    **_FILE,
    "new_str": _of(
        _TEXT, "For str_replace: the text in its place. For insert: the text to insert."
    ),
}
EDITS = "Shows, makes and edits text files."

MEMORY = {
    "command": _one_of("view", "create", "str_replace", "insert", "delete", "rename"),
    **_FILE,
    "path": _of(_TEXT, "The file or directory, below /memories."),
    "new_str": _REPLACED,
    "insert_text": _of(_TEXT, "For insert: the text to insert."),
    "old_path": _of(_TEXT, "For rename: the path as it is."),
    "new_path": _of(_TEXT, "For rename: the path as it is to be."),
}
REMEMBERS = "Keeps notes in files below /memories, which last beyond this conversation."

_FIRST_ACTIONS = (
    "key",
    "type",
    "mouse_move",
    "left_click",
    "left_click_drag",
    "right_click",
    "middle_click",
    "double_click",
    "screenshot",
    "cursor_position",
)
_ACTIONS = (
    *_FIRST_ACTIONS,
    "left_mouse_down",
    "left_mouse_up",
    "triple_click",
    "scroll",
    "hold_key",
    "wait",
)
FIRST_SCREEN = {
    "action": _one_of(*_FIRST_ACTIONS),
    "coordinate": _POINT,
    "text": _of(_TEXT, "The text to type, or the keys to press, such as ctrl+s."),
}
SCREEN = {
    **FIRST_SCREEN,
    "action": _one_of(*_ACTIONS),
    "text": _of(_TEXT, "What to type; the keys to press or hold, such as ctrl+s."),
    "start_coordinate": _POINT,
    "scroll_direction": _one_of("up", "down", "left", "right"),
    "scroll_amount": _of({"type": "integer"}, "How far to scroll, in clicks of the wheel."),
    "duration": _of({"type": "number"}, "Seconds to wait or to hold the keys."),
}
ZOOMING = {
    **SCREEN,
    "action": _one_of(*_ACTIONS, "zoom"),
    "region": {
        "type": "array",
        "items": {"type": "integer"},
        "minItems": 4,
        "maxItems": 4,
        "description": "For zoom: left, top, right and bottom of the part to see larger, in pixels.",
    },
}
OPERATES = "Looks at the screen of a computer and uses its mouse and keyboard."

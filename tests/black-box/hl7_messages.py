"""Builds and validates HL7 v2 messages with PyPI's `hl7apy`, by the structures of their own version.

Reads a question as JSON a line, prints the answer as JSON a line: for {"build": {"structure", "version", "segments": [[path,
{field: value}], …]}} the message as text, built with validation on; for {"validate": text} the list of its faults. A path is a
segment's name, with the groups that it is in before it: "OMG_O19_PATIENT/PID".
"""

import json
import sys

from hl7apy import consts, exceptions
from hl7apy.core import Message
from hl7apy.parser import parse_message

STRICT = consts.VALIDATION_LEVEL.STRICT


def build(structure, version, segments):
    message = Message(structure, version=version, validation_level=STRICT)
    groups = {"": message}
    for path, fields in segments:
        *names, name = path.split("/")
        parent = ""
        for group in names:
            inner = f"{parent}/{group}"
            if inner not in groups:
                groups[inner] = groups[parent].add_group(group)
            parent = inner
        segment = message.msh if name == "MSH" else groups[parent].add_segment(name)
        for number, value in fields.items():
            setattr(segment, f"{name.lower()}_{number}", value)
    message.validate()
    return message.to_er7(trailing_children=True) + "\r"


def faults(text):
    try:
        parse_message(text, validation_level=STRICT, find_groups=True).validate()
    except exceptions.HL7apyException as error:
        return [f"{type(error).__name__}: {error}"]
    return []


for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = build(**question["build"]) if "build" in question else faults(question["validate"])
    except Exception as error:  # Whatever it is: the test says it.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)

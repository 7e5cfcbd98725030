"""Counts a JUnit XML file: prints {"passed", "failed", "skipped": [{"name", "reason"}]} as JSON."""

import json
import sys
from xml.etree import ElementTree


def count(root):
    passed, failed, skipped = 0, 0, []
    for case in root.iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skip is not None:
            name = f"{case.get('classname')}.{case.get('name')}"
            skipped.append({"name": name, "reason": skip.get("message") or "no reason given"})
        else:
            passed += 1
    return {"passed": passed, "failed": failed, "skipped": skipped}


print(json.dumps(count(ElementTree.parse(sys.argv[1]).getroot())))

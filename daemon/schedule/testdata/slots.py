#!/usr/bin/env python3
"""Writes slots.txt: which instants slots on every day have around changes of clocks, by Python's zoneinfo.

    python3 slots.py >slots.txt

Each line: zone, first instant, times of day, instants. The clock on the wall is watched minute by minute: a slot is the
first minute at which it shows the slot's time, or has been set forward over it on the same date.
"""
import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONES = """Europe/Berlin Europe/Dublin Europe/Lisbon America/New_York America/St_Johns America/Sao_Paulo America/Havana
America/Asuncion Australia/Lord_Howe Antarctica/Troll Pacific/Apia Pacific/Kwajalein Pacific/Kiritimati Asia/Beirut
Asia/Gaza Asia/Tehran Asia/Pyongyang Asia/Kathmandu Africa/Cairo Africa/Casablanca Africa/Monrovia UTC""".split()
MINUTE, INSTANTS = timedelta(minutes=1), 10


def changes(zone):
    """Instants at which the offset changes, to the hour."""
    found, at = [], datetime(1975, 1, 1, tzinfo=timezone.utc)
    while at.year < 2026:
        if at.astimezone(zone).utcoffset() != (at + timedelta(hours=1)).astimezone(zone).utcoffset():
            found.append(at)
        at += timedelta(hours=1)
    return found


def walk(zone, start, clocks):
    """The first instants of the slots from start on."""
    seen, found, at = set(), [], start - timedelta(hours=27)
    before = (at - MINUTE).astimezone(zone).replace(tzinfo=None)
    while len(found) < INSTANTS:
        wall = at.astimezone(zone).replace(tzinfo=None)
        struck = False
        for hour, minute in clocks:
            slot = wall.replace(hour=hour, minute=minute, second=0)
            if before < slot <= wall and slot not in seen:
                seen.add(slot)
                struck = True
        if struck and at >= start:
            found.append(at)
        before, at = wall, at + MINUTE
    return found


def main():
    dice = random.Random(6)
    for name in ZONES:
        zone = ZoneInfo(name)
        around = changes(zone) or [datetime(2026, 3, 29, 1, tzinfo=timezone.utc)]
        for change in dice.sample(around, min(6, len(around))):
            wall = [(change + timedelta(hours=h)).astimezone(zone).replace(tzinfo=None) for h in (0, 1)]
            clocks = {(12, 0), (0, 0)}
            for w in wall + [w + timedelta(minutes=30) for w in wall] + [w - timedelta(minutes=15) for w in wall]:
                clocks.add((w.hour, w.minute))
            start = change - timedelta(hours=dice.randrange(15))
            print(name, start.strftime("%Y-%m-%dT%H:%MZ"), ",".join("%02d:%02d" % c for c in sorted(clocks)),
                  *(at.strftime("%Y-%m-%dT%H:%MZ") for at in walk(zone, start, sorted(clocks))))


main()

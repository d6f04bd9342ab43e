"""What goes wrong in a campaign: situations with lines that are billed and how they are refused.

Every one is a temptation: a change that would be paid, right with some charts and forbidden with
others. What the chart says is drawn apart from it, in campaign_chart.py.
"""

from __future__ import annotations

from dataclasses import dataclass

# Made-up code pairs as edit files have them: column 1, column 2, indicator, first and last day.
EDITS = (
    ("20553", "20552", "0", "20250701", "*"),
    ("20610", "20552", "1", "20250701", "*"),
    ("20610", "96372", "1", "20250701", "*"),
    ("20610", "99211", "0", "20250701", "*"),
    ("20610", "99213", "1", "20250701", "*"),
    ("20610", "76942", "1", "20250701", "*"),
    ("27096", "20610", "1", "20250701", "*"),
    ("27096", "77003", "1", "20250701", "*"),
    ("62321", "64480", "0", "20250701", "*"),
    ("62323", "62322", "0", "20250701", "*"),
    ("62323", "64483", "0", "20240101", "20260215"),
    ("62323", "64483", "1", "20260216", "*"),
    ("62323", "64484", "1", "20250701", "*"),
    ("62323", "77003", "1", "20250701", "*"),
    ("64483", "77003", "1", "20250701", "*"),
    ("64483", "99213", "1", "20250701", "*"),
    ("64635", "64493", "1", "20250701", "*"),
    ("64635", "64625", "1", "20250701", "*"),
)
LIMITS = (
    ("20552", 1, 2), ("20553", 1, 2), ("64483", 1, 2), ("64493", 1, 2), ("64494", 1, 2),
    ("64484", 4, 3), ("J3301", 16, 3), ("62323", 1, 2),
)  # fmt: skip
ADD_ONS = (("64484", "64483"), ("64494", "64493"), ("64495", "64493"), ("64636", "64635"))

VISITS = ("99203", "99211", "99213", "99214")
EPIDURALS = ("62320", "62321", "62322", "62323")
SIDED = (
    "20610", "20611", "27096", "64451", "64479", "64480", "64483", "64484", "64490", "64491",
    "64493", "64494", "64495", "64625", "64633", "64634", "64635", "64636",
)  # fmt: skip
DRUGS = ("J1010", "J1020", "J1030", "J1040", "J1885", "J3301")
GUIDANCE = ("76000", "76942", "77002", "77003", "77012")
REASONS = (
    "4", "5", "8", "11", "15", "16", "18", "22", "27", "29", "31", "50", "55", "96", "97", "107",
    "129", "140", "146", "150", "151", "153", "167", "181", "182", "189", "197", "198", "204",
    "222", "226", "231", "234", "236", "243", "252", "272", "284", "288", "296", "302", "B7",
    "B13", "B15",
)  # fmt: skip
REMARKS = ("", "", "M51", "M53", "M64", "M76", "M119", "MA27", "MA61", "N382", "N822", "N823",
           "M15", "N20", "N115", "N362")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Situation:
    """Lines that are billed together, which of them is refused, and why.

    ``lines``: procedure code, modifiers joined by a colon, and units where it is not one, as
    ``64484:50*2``; a bar divides what is as likely. ``reasons``: a CARC and its remark.
    """

    name: str
    lines: tuple[str, ...]
    denied: int
    """Which of the lines, from 0."""
    reasons: tuple[str, ...]
    weight: int = 2


_BUNDLED = ("97", "231", "234", "236", "97 M15", "236 N20")
_CODING = ("189", "16 M51")
_POINTED = ("11", "146", "16 M76", "16 M64", "16 MA63", "50", "167")
_SIDES = ("4", "182", "16 N822", "16 N823")
_PRIOR = ("197", "197", "197 N54", "15", "198", "284", "296", "302")

SITUATIONS = (
    Situation("authorization", ("64483:RT|62323|27096:LT|64635:LT|63650|64493:RT",), 0, _PRIOR, 8),
    Situation("two levels authorized", ("64493:RT", "64494:RT|64494"), 0, _PRIOR, 4),
    Situation(
        "visit",
        ("20610:RT|20553|64483:LT|27096:RT", "99213|99214|99203|99211|99213:25|99214:GC"),
        1,
        ("97", "236", "4", "97 M15"),
        7,
    ),
    Situation(
        "pair of joint and muscle",
        ("20610:RT|20610:LT|20610", "20552|20552:59|20552:GC"),
        1,
        _BUNDLED,
        5,
    ),
    Situation("pair of epidurals", ("62323", "64483:LT|64483:RT|64483|64484"), 1, _BUNDLED, 5),
    Situation(
        "pair of block and ablation",
        ("64635:RT|64635:LT", "64493:LT|64493:RT|64493"),
        1,
        _BUNDLED,
        5,
    ),
    Situation("pair of joints", ("27096:RT|27096:LT", "20610:RT|20610:LT|20610"), 1, _BUNDLED, 3),
    Situation("drug administration", ("20610:RT", "96372", "J1885*2"), 1, _BUNDLED, 3),
    Situation(
        "indicator 0", ("20553|62321|20610:LT", "20552|64480:LT|99211|64480:59"), 1, _BUNDLED, 4
    ),
    Situation("without and with imaging", ("62323", "62322"), 1, _BUNDLED, 2),
    Situation(
        "guidance",
        ("62323|64483:RT|27096:LT|64635:RT|63650|64625:LT", "77003|77002|77012|77003:59"),
        1,
        (*_BUNDLED, "16", "50", "197"),
        4,
    ),
    Situation("guidance that was paid", ("64483:RT|62323", "77003"), 0, (*_PRIOR, *_POINTED), 3),
    Situation("ultrasound", ("20610:RT|20610:LT", "76942"), 1, _BUNDLED, 4),
    Situation("two regions", ("62321", "62323"), 1, (*_BUNDLED, "197", "50", "11"), 3),
    Situation("add-on alone", ("64484:RT|64494|64636:LT",), 0, ("107", "B15", "97", "197"), 3),
    Situation(
        "add-on with 59", ("64483:RT", "64484:59|64484:XS|64484:RT:59"), 1, ("4", "182", "236"), 3
    ),
    Situation(
        "side", ("64483|64483:LT|64483:RT|20610|27096:RT|64493:LT:GC|64635:LT:RT",), 0, _SIDES, 6
    ),
    Situation(
        "both sides on a line", ("64483:50|20610:50|27096:50:GC|64493:50*2",), 0, ("4", "182"), 5
    ),
    Situation(
        "both sides on two lines", ("64483:RT|64493:RT", "64483:LT|64493:LT"), 0, ("4", "182"), 4
    ),
    Situation(
        "50 on a code without sides",
        ("62323:50|20552:50|62321:50:LT|77003:50|63650:50*2",),
        0,
        ("4", "182"),
        4,
    ),
    Situation("once a day", ("64483:76|20553:77|64493:76",), 0, ("4", "182", "18"), 2),
    Situation("diagnosis", ("64483:RT|62323|20610:LT|64635:RT|20553",), 0, _POINTED, 8),
    Situation("two diagnoses", ("64483:RT", "20610:LT|62321"), 1, _POINTED, 4),
    Situation(
        "deleted drug",
        ("20610:LT|64483:RT", "J1030|J1020*2|J1040|J1030*2|J1030:JZ"),
        1,
        ("181", "16 M51"),
        6,
    ),
    Situation(
        "units of a drug",
        ("20610:LT|62323", "J3301*8|J3301*4|J1010*40|J1885*2"),
        1,
        ("151", "153", "222", "16 M53"),
        6,
    ),
    Situation("drug without NDC", ("20610:LT", "J3301*4|J1010*80|J3301*4"), 1, ("16 M119",), 4),
    Situation(
        "waste",
        ("20610:LT", "J3301*4|J1010*80|J3301:JW*4|J1010:GC*40"),
        1,
        ("4", "16 N822", "16 N823"),
        4,
    ),
    Situation("waste on its own line", ("J3301*4", "J3301*2"), 1, ("4", "16 N822"), 2),
    Situation("epidural without imaging", ("62322|62320",), 0, ("50", "272", *_CODING), 5),
    Situation(
        "ablation", ("64625:RT|64635:RT|64625|64635:LT",), 0, ("11", "50", "55", *_CODING), 4
    ),
    Situation("trigger points", ("20552|20553|20552*2",), 0, ("150", *_CODING), 4),
    Situation(
        "member",
        ("99214|64483:RT|62323",),
        0,
        ("31", "140", "16 MA27", "16 MA61", "16 N382"),
        5,
    ),
    Situation("place", ("64483:RT|62323|99214",), 0, ("5", "5 M77", "58"), 4),
    Situation("referral", ("64483:RT|62323",), 0, ("288", "243"), 4),
    Situation("taxonomy", ("64483:RT|99214",), 0, ("8", "B7"), 4),
    Situation("units", ("64493*2|64484*5|64483*2|20553*3",), 0, ("151", "222", "151 N362"), 3),
    Situation("nothing to send", ("62323|99214|64483:RT",), 0, ("18", "29", "22", "96", "204"), 2),
    Situation("anything", ("99213|62323|64483:LT|20610|J3301*4|64493:RT",), 0, REASONS, 6),
)

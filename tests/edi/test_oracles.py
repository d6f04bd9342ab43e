"""Our readers beside two others, record by record: pyx12's context reader and x12sdk's models.

What differs, and why, stands in edi/ORACLES.md; only what is named there may differ here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pyx12.error_handler
import pyx12.map_if
import pyx12.params
import pyx12.x12context

from edi import read_835, read_837p
from edi.claim import Claim, UnreadClaim
from edi.divide import Share
from edi.envelope import Interchange
from edi.problem import NotX12
from edi.remittance import ClaimPayment, UnreadClaimPayment
from edi.survey import survey
from edi.validate import _normalised, _padded
from simulator.volume import Volume

Record = tuple[Any, ...]
LONG = 60_000
_load_map_file = pyx12.map_if.load_map_file


@cache
def read_map(name: str) -> Any:
    """A map by pyx12 itself, once."""
    return _load_map_file(name, pyx12.params.ParamsBase())


def number(text: str | Decimal | None) -> Decimal:
    return Decimal(text) if text else Decimal(0)


def units(text: str | Decimal | None) -> Decimal | None:
    return Decimal(text) if text else None


class Interchanges:
    """The text of each whole interchange of a file, with the delimiters everybody reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[tuple[Interchange, str]]:
        try:
            found = survey(self._path)
        except NotX12:
            return
        with self._path.open("rb") as file:
            for interchange in found.interchanges:
                sets = [s for g in interchange.groups for s in g.transactions]
                if interchange.problems or any(s.problems for s in sets):
                    continue
                mark = interchange.delimiters.segment
                texts = [_padded(interchange), *_normalised(file, Share(interchange, False))]
                yield interchange, "".join(text + mark for text in texts)


def our_claims(path: Path, interchange: Interchange) -> list[Record] | None:
    """None where a claim of the interchange is one that we quarantine."""
    found: list[Record] = []
    with path.open("rb") as file:
        for group in interchange.groups:
            for one in group.transactions:
                if one.version not in read_837p.GUIDES:
                    return None
                for event in read_837p.read_transaction(file, one, interchange.delimiters):
                    if isinstance(event, UnreadClaim):
                        return None
                    if isinstance(event, Claim):
                        found.append(claim_record(event))
    return found


def claim_record(claim: Claim) -> Record:
    return (
        claim.patient_control_number,
        claim.total_claim_charge_amount,
        claim.payer_claim_control_number or "",
        tuple(
            (
                line.line_number,
                line.procedure_code,
                line.modifiers,
                line.line_item_charge_amount,
                line.service.service_unit_count,
                line.line_item_control_number or "",
            )
            for line in claim.service_lines
        ),
    )


def our_payments(path: Path, interchange: Interchange) -> list[Record] | None:
    found: list[Record] = []
    with path.open("rb") as file:
        for group in interchange.groups:
            for one in group.transactions:
                if one.version not in read_835.GUIDES:
                    return None
                for event in read_835.read_transaction(file, one, interchange.delimiters):
                    if isinstance(event, UnreadClaimPayment):
                        return None
                    if isinstance(event, ClaimPayment):
                        found.append(payment_record(event))
    return found


def payment_record(payment: ClaimPayment) -> Record:
    information = payment.information
    return (
        payment.patient_control_number,
        information.claim_status_code,
        information.total_claim_charge_amount,
        information.claim_payment_amount,
        payment.payer_claim_control_number or "",
        triples(payment.adjustments),
        tuple(
            (
                service.information.procedure.procedure_code,
                service.line_item_charge_amount,
                service.line_item_provider_payment_amount,
                triples(service.adjustments),
                service.line_item_control_number or "",
                service.remark_codes,
            )
            for service in payment.service_payments
        ),
    )


def triples(adjustments: tuple[Any, ...]) -> Record:
    return tuple((a.group_code, a.reason_code, a.amount) for a in adjustments)


def trees(text: str, loop: str) -> Iterator[Any]:
    """pyx12's loops; the last one of a file is only given when another segment follows."""
    handler = pyx12.error_handler.errh_null()
    reader = pyx12.x12context.X12ContextReader(
        pyx12.params.params(), handler, io.StringIO(text)
    )  # fmt: skip
    return (tree for tree in reader.iter_segments(loop) if tree.id == loop)


def composite(text: str | None, component: str) -> tuple[str, tuple[str, ...]]:
    found = (text or "").split(component)
    return (found[1] if len(found) > 1 else ""), tuple(m for m in found[2:6] if m)


def pyx12_claims(text: str, component: str) -> list[Record]:
    return [
        (
            tree.get_value("CLM01"),
            number(tree.get_value("CLM02")),
            tree.get_value("REF[F8]02") or "",
            tuple(
                (
                    line.get_value("LX01"),
                    *composite(line.get_value("SV101"), component),
                    number(line.get_value("SV102")),
                    units(line.get_value("SV104")),
                    line.get_value("REF[6R]02") or "",
                )
                for line in tree.select("2400")
            ),
        )
        for tree in trees(text, "2300")
    ]


def pyx12_payments(text: str, component: str) -> list[Record]:
    return [
        (
            tree.get_value("CLP01"),
            tree.get_value("CLP02"),
            number(tree.get_value("CLP03")),
            number(tree.get_value("CLP04")),
            tree.get_value("CLP07") or "",
            pyx12_triples(tree),
            tuple(
                (
                    composite(line.get_value("SVC01"), component)[0],
                    number(line.get_value("SVC02")),
                    number(line.get_value("SVC03")),
                    pyx12_triples(line),
                    line.get_value("REF[6R]02") or "",
                    tuple(s.get_value("LQ02") for s in line.select("LQ[HE]")),
                )
                for line in tree.select("2110")
            ),
        )
        for tree in trees(text, "2100")
    ]


def pyx12_triples(tree: Any) -> Record:
    """Of a loop's own CAS, in the order of the map and not of the file: groups come sorted."""
    return tuple(
        (segment.get_value("CAS01"), reason, number(segment.get_value(f"CAS{at + 1:02d}")))
        for segment in tree.select("CAS")
        for at in range(2, 18, 3)
        if (reason := segment.get_value(f"CAS{at:02d}"))
    )


@pytest.fixture(autouse=True)
def _maps_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyx12.map_if, "load_map_file", lambda name, *_: read_map(name))


def x12sdk_models(text: str) -> list[Any]:
    """Raises what x12sdk raises: it refuses a whole set for one value it does not know."""
    from x12sdk.io import X12ModelReader

    with X12ModelReader(text) as reader:
        return list(reader.models())


def many(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def plain(value: Any) -> str:
    return str(getattr(value, "value", value) or "")


def sdk_reference(segments: Any, qualifier: str) -> str:
    for segment in many(segments):
        if plain(segment.reference_identification_qualifier) == qualifier:
            return plain(segment.reference_identification)
    return ""


def sdk_claims(text: str, component: str) -> list[Record]:
    found: list[Record] = []
    for model in x12sdk_models(text):
        for one in model.claims():
            claim = one.claim
            clm = claim.clm_segment
            found.append(
                (
                    clm.patient_control_number,
                    clm.total_claim_charge_amount,
                    sdk_reference(claim.ref_segment, "F8"),
                    tuple(
                        (
                            plain(line.lx_segment.assigned_number),
                            *composite(line.sv1_segment.product_service_id_qualifier, component),
                            line.sv1_segment.line_item_charge_amount,
                            line.sv1_segment.service_unit_count,
                            sdk_reference(line.ref_segment, "6R"),
                        )
                        for line in claim.loop_2400
                    ),
                )
            )
    return found


def sdk_payments(text: str, component: str) -> list[Record]:
    found: list[Record] = []
    for model in x12sdk_models(text):
        for one in model.claims():
            claim = one.claim
            clp = claim.clp_segment
            found.append(
                (
                    clp.patient_control_number,
                    plain(clp.claim_status_code),
                    clp.total_claim_charge_amount,
                    clp.claim_payment_amount,
                    plain(clp.payer_claim_control_number),
                    sdk_triples(claim.cas_segment),
                    tuple(
                        (
                            composite(
                                line.svc_segment.composite_medical_procedure_identifier_1,
                                component,
                            )[0],
                            line.svc_segment.line_item_charge_amount,
                            line.svc_segment.line_item_provider_payment_amount,
                            sdk_triples(line.cas_segment),
                            sdk_reference(line.ref_segment, "6R"),
                            tuple(plain(s.form_identifier) for s in many(line.lq_segment)),
                        )
                        for line in many(claim.loop_2110)
                    ),
                )
            )
    return found


def sdk_triples(segments: Any) -> Record:
    return tuple(
        (plain(s.adjustment_group_code), reason, getattr(s, f"monetary_amount_{n}"))
        for s in many(segments)
        for n in range(1, 7)
        if (reason := getattr(s, f"adjustment_reason_code_{n}", None))
    )


ORACLES: dict[tuple[str, str], Callable[[str, str], list[Record]]] = {
    ("pyx12", "837P"): pyx12_claims,
    ("pyx12", "835"): pyx12_payments,
    ("x12sdk", "837P"): sdk_claims,
    ("x12sdk", "835"): sdk_payments,
}
OURS = {"837P": our_claims, "835": our_payments}


def compare(path: Path, kind: str, oracle: str) -> Iterator[str]:
    """For each interchange "same", "refused" (the other raises) or "unseen" (it finds nothing).

    A record that both find and that differs is no outcome: it fails the test.
    """
    for interchange, text in Interchanges(path):
        ours = OURS[kind](path, interchange)
        if not ours:
            continue
        try:
            theirs = ORACLES[oracle, kind](text, interchange.delimiters.component)
        except Exception:
            yield "refused"
            continue
        if not theirs:
            yield "unseen"
            continue
        assert theirs == ours
        yield "same"


def is_explained(outcome: str, path: Path, oracle: str) -> bool:
    """Why nothing is seen: see edi/ORACLES.md."""
    if outcome != "unseen":
        return True
    for interchange, text in Interchanges(path):
        without_lx = f"LX{interchange.delimiters.element}" not in text
        by_lines = interchange.delimiters.segment == "\n" and oracle == "x12sdk"
        if not (without_lx or by_lines or interchange.isa[12] != "00501"):
            return False
    return True


@pytest.fixture(params=["pyx12", "x12sdk"])
def oracle(request: pytest.FixtureRequest) -> str:
    if request.param == "x12sdk":
        pytest.importorskip("x12sdk")
    return str(request.param)


def test_a_big_claim_file_and_its_answer(oracle: str, tmp_path: Path) -> None:
    Volume(40, 3, 5).write(tmp_path)
    assert list(compare(tmp_path / "claims.837", "837P", oracle)) == ["same"]
    assert list(compare(tmp_path / "remittance.835", "835", oracle)) == ["same"]


def test_the_made_up_month(oracle: str) -> None:
    inbox = Path(__file__).parents[2] / "warehouse" / "demo" / "month" / "inbox"
    found = []
    for path in sorted(inbox.iterdir()):
        kind = {".837": "837P", ".835": "835"}.get(path.suffix)
        if kind:
            found += compare(path, kind, oracle)
    # x12sdk wants a name with every NM1*82 of an 835; the guide does not.
    assert set(found) <= ({"same"} if oracle == "pyx12" else {"same", "refused"})
    assert "same" in found


def public(path: Path, kind: str, oracle: str) -> None:
    if path.stat().st_size > LONG:
        pytest.skip("long")
    for outcome in compare(path, kind, oracle):
        assert is_explained(outcome, path, oracle), outcome


def test_public_claims(sample_837p: Path, oracle: str) -> None:
    public(sample_837p, "837P", oracle)


def test_public_remittances(sample_835: Path, oracle: str) -> None:
    public(sample_835, "835", oracle)

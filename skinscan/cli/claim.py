"""`skinscan claim`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skinscan.cli.console import note, note_guess, print_json, print_page, write_report
from skinscan.cli.evidence import KeysOption, seal_case, sealing_keys
from skinscan.cli.options import (
    CHECK_NOT_MET,
    DeviceOption,
    EncodingOption,
    JsonOption,
    LangOption,
    PdfOption,
    QuietOption,
    ReportOption,
    check_folder,
)
from skinscan.errors import UsageError

if TYPE_CHECKING:
    from skinscan.claims.help.products import ProductList
    from skinscan.output.report import Page
    from skinscan.texts.bilingual import Language

__all__ = ["claim", "read_products"]


def claim(
    file: Annotated[
        str | None, typer.Argument(metavar="CLAIM.json", help="The claim; - reads standard input.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="YAML", help="The platform's policy.  [default: the built-in one]")
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Shades on sale, for a claim about a shade.")
    ] = None,
    products: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Products on sale, to propose others instead.")
    ] = None,
    encoding: EncodingOption = None,
    index: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Look for the photos in other cases; made if it is not there."),
    ] = None,
    as_json: JsonOption = False,
    device: DeviceOption = "auto",
    report: ReportOption = None,
    pdf: PdfOption = False,
    lang: LangOption = None,
    quiet: QuietOption = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 unless the claim was decided without a person.")
    ] = False,
    evidence: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Seal the case into this evidence folder.")
    ] = None,
    keys: KeysOption = None,
    keep_photos: Annotated[
        bool, typer.Option("--keep-photos", help="Seal the photos too; without, only skin without eyes.")
    ] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of a claim file.")] = False,
) -> None:
    """Judge a claim by its photos, product, timeline and policy.

    Photos are looked for beside the claim file. A verdict is data: exit 0, whatever it says.
    """
    from skinscan import claims
    from skinscan.claims.load import MAX_BYTES

    if schema:
        print_json(claims.claim_schema())
        return
    if file is None:
        raise UsageError("claim needs a claim file", "see `skinscan claim --schema` for what it holds")
    check_folder(report, pdf)
    rules = claims.load_policy(policy)
    from skinscan.output.terminal.layout import locale_language

    filed = claims.load_claim(
        sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else file, lang or locale_language()
    )
    sealing = sealing_keys(keys) if evidence else None
    from skinscan.casework import DuplicateIndex, work_case
    from skinscan.scanner import Scanner
    from skinscan.shades import load_catalog

    folder = Path() if file == "-" else Path(file).parent
    known = DuplicateIndex(index) if index else None
    shop = read_products(products, encoding, lang or locale_language(), quiet) if products else None
    shades = load_catalog(catalog, encoding=encoding) if catalog else None
    if shades and not quiet:
        note_guess(shades.name, shades.guessed_encoding)
    case = work_case(
        filed,
        folder=folder,
        policy=rules,
        scanner=Scanner(device),
        catalog=shades,
        index=known,
        products=shop,
    )
    pages: tuple[Page, ...] = ()
    if report or evidence:
        from skinscan.output.report import report_claim
        from skinscan.output.report.replay import claim_command

        command = claim_command(file, policy=policy, catalog=catalog, products=products, encoding=encoding)
        pages = report_claim(case, lang or "zh", replay=command)
    if report:
        write_report(pages, report, pdf=pdf, quiet=quiet)
    sealed = None
    if evidence and sealing:
        reports = {page.name: page.encode() for page in pages}
        kept = folder if keep_photos else None
        sealed = seal_case(evidence, sealing, case, rules, kept, reports, quiet=quiet)
    if as_json:
        from skinscan.output.records.claim import case_to_dict

        print_json({**case_to_dict(case), "sealed": sealed})
    elif not quiet:
        from skinscan.output.terminal.claim import summarise_case
        from skinscan.output.terminal.layout import shape

        language = lang or locale_language()
        print_page(summarise_case(case, language, *shape(sys.stdout)))
    if check and case.verdict.outcome in ("needs_info", "human_review"):
        raise typer.Exit(CHECK_NOT_MET)


def read_products(path: Path, encoding: str | None, language: Language, quiet: bool) -> ProductList:
    """Read the products; what of them cannot be used is said on stderr."""
    from skinscan.claims.help.products import load_products
    from skinscan.texts.bilingual import Texts

    shop = load_products(path, encoding=encoding, language=language)
    if not quiet:
        note_guess(shop.name, shop.guessed_encoding)
        if shop.refused:
            first = shop.refused[0]
            texts = Texts(language)
            note(texts("refused products", len(shop.refused), first.line, first.reason))
    return shop

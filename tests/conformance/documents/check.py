"""Third-party readers judge a sealed document: poppler, OpenSSL, qpdf, pyHanko, pikepdf.

    check.py FILE.pdf ROOT.pem [--tamper N]

Exit 0 when all of them accept the file and none accepts it with a changed or an appended byte.
Needs Debian's poppler-utils, openssl and qpdf, and the packages in requirements.txt.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import pikepdf
from asn1crypto import cms
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
SIGNING_TIME = "1.2.840.113549.1.9.5"


def split(pdf: bytes) -> tuple[bytes, bytes]:
    """The signed bytes and the CMS."""
    start, end, length = map(int, RANGE.search(pdf).groups())
    content = bytes.fromhex(pdf[start + 1 : end - 1].decode())
    size = 4 + int.from_bytes(content[2:4], "big")
    return pdf[:start] + pdf[end : end + length], content[:size]


def poppler(pdf: bytes, folder: Path) -> bool:
    (folder / "f.pdf").write_bytes(pdf)
    run = subprocess.run(["pdfsig", "-nocert", folder / "f.pdf"], capture_output=True, text=True)
    return "Signature is Valid" in run.stdout and "Total document signed" in run.stdout


def openssl(pdf: bytes, folder: Path, root: Path) -> bool:
    try:
        signed, content = split(pdf)
    except (AttributeError, ValueError):
        return False
    (folder / "content").write_bytes(signed)
    (folder / "cms").write_bytes(content)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", folder / "cms", "-content", folder / "content"]
    command += ["-binary", "-CAfile", root, "-purpose", "any", "-out", "/dev/null"]
    return subprocess.run(command, capture_output=True).returncode == 0


def pyhanko(pdf: bytes, root: Path) -> bool:
    try:
        reader = PdfFileReader(BytesIO(pdf))
        (signature,) = reader.embedded_signatures
        context = ValidationContext(trust_roots=[load_cert_from_pemder(root)], allow_fetching=False)
        status = validate_pdf_signature(signature, signer_validation_context=context)
        whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        return status.bottom_line and whole and status.trusted and status.docmdp_ok
    except Exception:  # A file that cannot be parsed is refused, too.
        return False


def form(pdf: bytes) -> list[str]:
    """What ETSI EN 319 142-1 (B-B), PDF/A and PDF/UA ask for and can be seen from outside."""
    problems = []
    signed = cms.ContentInfo.load(split(pdf)[1])["content"]
    attributes = {attribute["type"].dotted for attribute in signed["signer_infos"][0]["signed_attrs"]}
    if SIGNING_CERTIFICATE_V2 not in attributes:
        problems.append("no signing-certificate-v2")
    if SIGNING_TIME in attributes:
        problems.append("signing-time belongs in /M")
    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.Root
        with document.open_metadata() as metadata:
            claims = (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance"), metadata.get("pdfuaid:part"))
            if claims != ("2", "A", "1"):
                problems.append(f"claims {claims} instead of PDF/A-2a and PDF/UA-1")
            if not metadata.get("dc:title"):
                problems.append("no title")
        if not root.MarkInfo.Marked or "/StructTreeRoot" not in root or "/Lang" not in root:
            problems.append("not tagged, or without a language")
        if root.AcroForm.SigFlags != 3 or "/DocMDP" not in root.Perms:
            problems.append("not a certification signature")
        if len(document.trailer.ID) != 2:
            problems.append("no /ID")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("root", type=Path)
    parser.add_argument("--tamper", type=int, default=40, help="changed bytes to try")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    pdf = arguments.file.read_bytes()
    failures = form(pdf)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        readers = {
            "poppler": lambda file: poppler(file, folder),
            "openssl": lambda file: openssl(file, folder, arguments.root),
            "pyhanko": lambda file: pyhanko(file, arguments.root),
        }
        failures += [f"{name} refuses the file" for name, accepts in readers.items() if not accepts(pdf)]
        (folder / "q.pdf").write_bytes(pdf)
        if subprocess.run(["qpdf", "--check", folder / "q.pdf"], capture_output=True).returncode != 0:
            failures.append("qpdf finds errors")
        failures += tampered(pdf, readers, arguments)
    print("\n".join(failures) if failures else "accepted by all, and by none after a change")
    return 1 if failures else 0


def tampered(pdf: bytes, readers: dict, arguments: argparse.Namespace) -> list[str]:
    start, end, _ = map(int, RANGE.search(pdf).groups())
    chance = random.Random(arguments.seed)
    outside = [place for place in range(len(pdf)) if not start <= place < end]
    failures = []
    for place in chance.sample(outside, min(arguments.tamper, len(outside))):
        changed = bytearray(pdf)
        changed[place] ^= 1
        failures += [f"{name} accepts byte {place} changed" for name, accepts in readers.items() if accepts(bytes(changed))]
    # OpenSSL sees only what is signed; what comes after the signed bytes is for readers of PDF to notice.
    appended = pdf + b"\n% appended\n"
    failures += [f"{name} accepts an appended line" for name in ("poppler", "pyhanko") if readers[name](appended)]
    return failures


if __name__ == "__main__":
    sys.exit(main())

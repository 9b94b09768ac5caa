"""Signatures of generations, made and checked by `ssh-keygen` (OpenSSH 8.2 or newer) with the keys that people have.

    INDEX/signatures/DIGEST.sig   an SSH signature of DIGEST and a line break, in the namespace `partnership-qa-index`
    INDEX/signatures/SHA256.sig   of a file beside the generations: of NAME, a space, SHA256 and a line break, in the
                                  namespace `partnership-qa-file`

The digest of a generation is the SHA-256 of its manifest, which names the hash of every file: who signs it signs the
texts, the vectors and the settings. A signature stands beside the generations, as a manifest cannot hold its own. It is
found by the digest, so that it goes on to count for an equal index, after going back, or in a copy.

By hand: `echo DIGEST | ssh-keygen -Y verify -f ALLOWED -I NAME -n partnership-qa-index -s DIGEST.sig`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from ..errors import CorpusIndexError, IndexCorruptError, IndexSignatureError
from .generations import pointer, read_manifest, read_regular, sync_folder, write_synced
from .store import open_index

if TYPE_CHECKING:
    from pathlib import Path

    from .store import Index

SIGNATURES = "signatures"
NAMESPACE = "partnership-qa-index"
FILE_NAMESPACE = "partnership-qa-file"
_MAX_BYTES = 1 << 16  # of a signature; those of ssh-keygen have less than a thousandth of the texts that they sign
_CHECK_SECONDS = 30.0


class Signed(NamedTuple):
    """A digest, the file that holds its signature, and whose it is, as the allowed signers call them."""

    digest: str
    file: Path
    signer: str


def sign(root: Path, key: Path) -> Signed:
    """Sign the current generation; a signature of it that was there is replaced.

    Args:
        root: folder of the index.
        key: a private key, or a public one whose private one an agent holds. A passphrase is asked for on the terminal.

    Raises:
        IndexNotFoundError, IndexCorruptError: there is no index, or its manifest is damaged.
        IndexSignatureError: the key cannot be used, or ssh-keygen is not installed.
        CorpusIndexError: the signature cannot be written.

    """
    current = pointer(root)
    read_manifest(root, current.name, current.digest)
    return _sign(root, key, current.digest, NAMESPACE, _message(current.digest))


def sign_file(root: Path, name: str, key: Path) -> Signed:
    """Sign a file that lies beside the generations, as it is; errors are those of `sign`."""
    digest = hashlib.sha256(read_regular(root / name)).hexdigest()
    return _sign(root, key, digest, FILE_NAMESPACE, _message(f"{name} {digest}"))


def read_signed(root: Path, name: str, allowed_signers: Path) -> bytes:
    """What a file that lies beside the generations holds, once its signature has been checked.

    Raises:
        IndexSignatureError, IndexCorruptError: as `check_signature`, of this file.

    """
    data = read_regular(root / name)
    digest = hashlib.sha256(data).hexdigest()
    _check(root, allowed_signers, digest, FILE_NAMESPACE, _message(f"{name} {digest}"), f" for {name}")
    return data


def _sign(root: Path, key: Path, digest: str, namespace: str, message: bytes) -> Signed:
    file = signature_file(root, digest)
    done = _ssh_keygen(root, ["-Y", "sign", "-n", namespace, "-f", str(key)], message, seconds=None)
    if done.returncode != 0 or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        said = done.stderr.decode("utf-8", "replace").strip().replace("\n", "; ")
        raise IndexSignatureError(root, "unusable", f"ssh-keygen does not sign with {key} ({said})")
    draft = file.with_suffix(".tmp")
    try:
        write_synced(draft, done.stdout)
        os.replace(draft, file)
        sync_folder(file.parent)
    except OSError as error:
        raise CorpusIndexError(f"The signature cannot be written at {file}: {error.strerror or error}.") from error
    return Signed(digest, file, "")


def check_signature(root: Path, allowed_signers: Path, digest: str | None = None) -> Signed:
    """Refuse a generation that none of the allowed signers has signed.

    Args:
        root: folder of the index.
        allowed_signers: a file of lines `NAME KEYTYPE KEY`, as ssh-keygen describes it under ALLOWED SIGNERS.
        digest: of the generation; `None` takes the current one.

    Raises:
        IndexNotFoundError, IndexCorruptError: there is no index, or CURRENT is damaged.
        IndexSignatureError: there is no signature, it is of something else or damaged, or by another key.

    """
    digest = pointer(root).digest if digest is None else digest
    return _check(root, allowed_signers, digest, NAMESPACE, _message(digest))


def _check(root: Path, allowed_signers: Path, digest: str, namespace: str, message: bytes, of: str = "") -> Signed:
    file = signature_file(root, digest)
    if not allowed_signers.is_file():
        raise IndexSignatureError(root, "unusable", f"there is no file of allowed signers at {allowed_signers}")
    if not os.path.lexists(file):
        raise IndexSignatureError(root, "missing", f"there is no {file.relative_to(root)}{of}")
    try:
        read_regular(file, _MAX_BYTES)
    except IndexCorruptError as error:
        raise IndexSignatureError(root, "wrong", f"{file.relative_to(root)} {error.what}") from None
    given = ["-s", str(file), "-f", str(allowed_signers)]
    found = _ssh_keygen(root, ["-Y", "find-principals", *given])
    signers = found.stdout.decode("utf-8", "replace").split("\n") if found.returncode == 0 else []
    for signer in filter(None, (one.strip() for one in signers)):
        options = ["-Y", "verify", "-I", signer, "-n", namespace, *given]
        if _ssh_keygen(root, options, message).returncode == 0:
            return Signed(digest, file, signer)
    # Whose it is cannot be asked of what is no signature; of one by a stranger, whether it is one, can.
    is_one = _ssh_keygen(root, ["-Y", "check-novalidate", "-n", namespace, "-s", str(file)], message)
    if is_one.returncode == 0:
        raise IndexSignatureError(root, "other key", f"whoever signed it is not named in {allowed_signers}")
    raise IndexSignatureError(root, "wrong", f"{file.relative_to(root)} is not a signature of it")


def open_signed(root: Path, allowed_signers: Path) -> Index:
    """Load the current generation, once its signature has been checked; `open_index` says what else is raised.

    Raises:
        IndexSignatureError: as `check_signature`.

    """
    while True:
        digest = check_signature(root, allowed_signers).digest
        index = open_index(root)
        if index.generation.manifest.digest == digest:  # else another one took its place meanwhile
            return index


def signature_file(root: Path, digest: str) -> Path:
    """Where the signature of a generation stands."""
    return root / SIGNATURES / f"{digest}.sig"


def _message(digest: str) -> bytes:
    return f"{digest}\n".encode("ascii")


def _ssh_keygen(
    root: Path, options: list[str], message: bytes = b"", seconds: float | None = _CHECK_SECONDS
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise IndexSignatureError(root, "unusable", "ssh-keygen is not installed; it comes with OpenSSH")
    try:
        return subprocess.run(  # noqa: S603 - a fixed list of arguments, and no shell
            [program, *options], input=message, capture_output=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise IndexSignatureError(root, "unusable", f"ssh-keygen cannot be run ({error})") from None

"""Reading NEMSIS 3.5 EMSDataSet files as a stream: memory stays flat, and text about the patient is passed over.

No tree is built: the parser calls ``Reader`` for each tag, which listens to a few elements and keeps no others.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.conf import settings
from django.utils.translation import gettext as _

from integrations.records.reader import Reader
from integrations.records.values import CareFile, FileRefused

CHUNK = 64 * 1024
# A tag, comment or attribute longer than this is none of NEMSIS; to wait for its end would take ever longer.
LONGEST_TAG = 1024 * 1024


def read_care_path(path: Path) -> CareFile:
    """The same of a file on the disk."""
    with path.open("rb") as stream:
        return read_care_file(stream, size=path.stat().st_size)


def read_care_file(stream: BinaryIO, *, size: int = 0) -> CareFile:
    """The records of a file, all or none. Refuses what is too large, broken, dangerous or no EMSDataSet of 3.5.

    ``size``: how large it says that it is, in bytes, so that one that is too large is not even begun.
    """
    if size > settings.EMS_RECORDS_MB * 1024 * 1024:
        raise too_large()
    reader, digest = Reader(), hashlib.sha256()
    parser = DefusedXMLParser(target=reader, forbid_dtd=True)
    try:
        _feed(parser, reader, stream, digest)
        parser.close()
    except DefusedXmlException as error:
        raise FileRefused(
            _(
                "The file declares a document type or entities, which no patient-care record needs. Nothing of it was "
                "read further. Export it again from the records system."
            )
        ) from error
    except ParseError as error:
        words = _("The file is no whole XML: it is broken in line %(line)s. Nothing of it was taken; export it again.")
        raise FileRefused(words % {"line": f"{error.position[0]:,}"}) from error
    except (ValueError, LookupError) as error:
        words = _("The file's encoding cannot be read. Nothing of it was taken; export it as UTF-8.")
        raise FileRefused(words) from error
    if not reader.records:
        raise FileRefused(_("The file holds no patient-care record. Nothing was taken."))
    return CareFile(digest.hexdigest(), tuple(reader.records.values()))


def _feed(parser: DefusedXMLParser, reader: Reader, stream: BinaryIO, digest: "hashlib._Hash") -> None:
    most, read, quiet = settings.EMS_RECORDS_MB * 1024 * 1024, 0, 0
    while chunk := stream.read(CHUNK):
        read += len(chunk)
        if read > most:
            raise too_large()
        digest.update(chunk)
        heard = reader.heard
        parser.feed(chunk)
        quiet = quiet + len(chunk) if reader.heard == heard else 0
        if quiet > LONGEST_TAG:
            raise FileRefused(_("The file has a tag that does not end. Nothing of it was taken; export it again."))


def too_large() -> FileRefused:
    words = _("The file is larger than %(most)s MB. Nothing of it was taken: export fewer records.")
    return FileRefused(words % {"most": settings.EMS_RECORDS_MB})

"""The signed ids of Rails: what ActiveSupport 6.1.7 and 7.2.2 make of the same secret."""

import pytest

from open_event_uploads.errors import InvalidImport
from open_event_uploads.maintenance.import_sources.rails_addresses import read_addresses
from open_event_uploads.maintenance.import_sources.rails_marshal import marshal
from open_event_uploads.maintenance.import_sources.rails_signature import read_signature

SECRET = "a secret"  # noqa: S105 - of this test
UUID = "3f2c5a0e-6d0e-4c7c-9a53-0d5c3b6f2a11"
# Two ids, signed with Ruby's Marshal (Rails before 7.1) and as JSON in the old envelope.
_MARSHAL = (
    "eyJfcmFpbHMiOnsibWVzc2FnZSI6IkJBaHBCZz09IiwiZXhwIjpudWxsLCJwdXIiOiJibG9iX2lkIn19",
    (
        "eyJfcmFpbHMiOnsibWVzc2FnZSI6IkJBaEpJaWt6WmpKak5XRXdaUzAyWkRCbExUUmpOMk10T1dFMU15MHdaRFZq"
        "TTJJMlpqSmhNVEVHT2daRlZBPT0iLCJleHAiOm51bGwsInB1ciI6ImJsb2JfaWQifX0="
    ),
)
_JSON = (
    "eyJfcmFpbHMiOnsibWVzc2FnZSI6Ik1RPT0iLCJleHAiOm51bGwsInB1ciI6ImJsb2JfaWQifX0=",
    (
        "eyJfcmFpbHMiOnsibWVzc2FnZSI6IklqTm1NbU0xWVRCbExUWmtNR1V0TkdNM1l5MDVZVFV6TFRCa05XTXpZalpt"
        "TW1FeE1TST0iLCJleHAiOm51bGwsInB1ciI6ImJsb2JfaWQifX0="
    ),
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (f"{_MARSHAL[0]}--4316cb1dfafbb8be41210c7ae9126e04c737d677",
         f"{_MARSHAL[1]}--77e336cdadb3118cade008b9dd239b20f3b924a6"),
        (f"{_MARSHAL[0]}--03e3bb362a572e04884baa6903d9992cd9e536b0",
         f"{_MARSHAL[1]}--623fddacaa0da459f8658685ca35220166338b7d"),
        (f"{_JSON[0]}--a4f059476ca9e382e4734fedb5f6ee0701286927",
         f"{_JSON[1]}--01b95ab7f54655fbb5664802c581af322600d92e"),
        (f"{_JSON[0]}--08822bd8eeeeeed7be4296dc7eae1488ff08649a",
         f"{_JSON[1]}--9ab2d0947ebf2d6be3c30bc565058a14c8f15cfc"),
    ],
    ids=["marshal, SHA-1", "marshal, SHA-256", "JSON, SHA-1", "JSON, SHA-256"],
)  # fmt: skip
def test_one_signed_id_shows_how_the_others_are_signed(number: str, text: str) -> None:
    for known in (number, text):
        signature = read_signature(SECRET, known)
        assert signature.sign(1) == number
        assert signature.sign(UUID) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "04086900"),
        (1, "04086906"),
        (122, "0408697f"),
        (123, "040869017b"),
        (255, "04086901ff"),
        (256, "040869020001"),
        (65536, "04086903000001"),
        (2**30 - 1, "04086904ffffff3f"),
        (2**30, "04086c2b0700000040"),
        (2**40 + 7, "04086c2b08070000000001"),
        (2**62, "04086c2b090000000000000040"),
        ("a", "040849220661063a064554"),
        ("ä" * 70, f"04084922018c{'c3a4' * 70}063a064554"),
    ],
)
def test_ids_are_written_as_ruby_writes_them(value: int | str, expected: str) -> None:
    assert marshal(value).hex() == expected


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        (f"{_JSON[0]}--{'0' * 40}", "not signed with the secret"),
        (f"{_JSON[0]}--abc", "a signed id of a blob"),
        ("", "a signed id of a blob"),
    ],
)
def test_another_text_is_refused(signed: str, reason: str) -> None:
    with pytest.raises(InvalidImport, match=reason):
        read_signature(SECRET, signed)


@pytest.mark.parametrize(
    "address", ["/a.png", "https://app.example.org/rails/active_storage/blobs/x", "http://[", "x"]
)
def test_another_address_is_refused(address: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("secret") / "secret"
    file.write_text(SECRET)
    with pytest.raises(InvalidImport, match="--signed-address"):
        read_addresses(file, address)
    with pytest.raises(InvalidImport, match="need each other"):
        read_addresses(file, "")
    with pytest.raises(InvalidImport, match="cannot be read"):
        read_addresses(file.parent / "nowhere", f"/x/blobs/{_JSON[0]}--{'0' * 40}/a.png")

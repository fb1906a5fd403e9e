"""The publisher's own drafts, read from a folder of the app."""

from pathlib import Path

import pytest

from lead_core.adapters.drafts import MAX_FILES, OwnDrafts, read_own_drafts
from lead_core.errors import LeadError
from lead_core.steps.health import Health
from lead_core.views.draft_files import DraftName
from lead_core.views.languages import Language

GOOD = "Subject: Hello\n\nHow can I help?\n"
NO_FOLDER = "write the name of a folder that is deployed with the app, such as drafts (docs/drafts.md)"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return the folder of an app with one draft in it, and with a file outside of it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/PLT-1.txt").write_text(GOOD)
    (tmp_path / "app/drafts/de").mkdir(parents=True)
    (tmp_path / "app/drafts/de/PLT-1.txt").write_text(GOOD)
    return tmp_path / "app"


def test_no_folder_is_no_mistake(app: Path) -> None:
    assert read_own_drafts("", app=app) == OwnDrafts()


def test_the_files_in_the_folder_are_read(app: Path) -> None:
    (app / "drafts/README.md").write_text("what these are")
    own = read_own_drafts("drafts", app=app)
    assert list(own.texts) == [DraftName(Language.GERMAN, "PLT", "1")]
    assert own.faults == ()


@pytest.mark.parametrize(
    "folder", ["nowhere", ".", "..", "../outside", "drafts/../../outside", "/etc", "drafts/de/PLT-1.txt"]
)
def test_nothing_outside_of_the_app_is_read(app: Path, folder: str) -> None:
    assert read_own_drafts(folder, app=app) == OwnDrafts(faults=(NO_FOLDER,))
    assert read_own_drafts(str(app.parent / "outside"), app=app) == OwnDrafts(faults=(NO_FOLDER,))


def test_a_link_that_leads_out_of_the_folder_is_left_out(app: Path) -> None:
    (app / "drafts/de/PLT-2.txt").symlink_to(app.parent / "outside/PLT-1.txt")
    (app / "drafts/en").symlink_to(app.parent / "outside")
    assert len(read_own_drafts("drafts", app=app).texts) == 1
    (app / "links").symlink_to(app.parent / "outside")
    assert read_own_drafts("links", app=app).faults == (NO_FOLDER,)


async def test_health_names_each_file_that_cannot_be_used_and_the_others_are_used(app: Path) -> None:
    (app / "drafts/de/PLT-2.txt").write_text("Subject: Hello\n\nHello {frist_name}\n")
    (app / "drafts/de/any-3.txt").write_bytes(b"\xff\xfe")
    (app / "drafts/any-1.txt").write_text(GOOD)
    own = read_own_drafts("drafts", app=app)
    assert len(own.texts) == 1
    (fault,) = await Health([], [own]).find_faults()
    assert fault.name == "DRAFTS"
    assert fault.advice == (
        "any-1.txt: put it into a folder with the name of its language: en, de, fr, es, pt, ja, zh"
        "; de/PLT-2.txt: instead of {frist_name}, write {first_name}; de/any-3.txt: save it as UTF-8"
    )


def test_of_two_files_for_the_same_draft_one_is_named(app: Path) -> None:
    (app / "drafts/old/de").mkdir(parents=True)
    (app / "drafts/old/de/plt-1.TXT").write_text("Subject: Old\n\nAn old text\n")
    own = read_own_drafts("drafts", app=app)
    assert [text.subject for text in own.texts.values()] == ["Hello"]
    assert own.faults == ("old/de/plt-1.TXT: remove it: another file is the same draft",)


async def test_health_says_nothing_of_drafts_that_are_right(app: Path) -> None:
    assert await Health([], [read_own_drafts("drafts", app=app)]).find_faults() == []


async def test_many_mistakes_are_counted() -> None:
    with pytest.raises(LeadError) as raised:
        await OwnDrafts(faults=tuple(f"fault {number}" for number in range(7))).check()
    assert raised.value.explanation == "fault 0; fault 1; fault 2; fault 3; fault 4; and 2 more"


def test_a_folder_with_too_many_files_is_read_in_part(app: Path) -> None:
    for number in range(MAX_FILES):
        (app / f"drafts/de/{number}.txt").touch()
    own = read_own_drafts("drafts", app=app)
    assert own.faults[0] == "keep at most 500 files in the folder"
    assert len(own.faults) + len(own.texts) == MAX_FILES + 1


def test_a_long_file_is_not_read_to_its_end(app: Path) -> None:
    (app / "drafts/de/any-1.txt").write_text(GOOD + "x" * 20_000)
    assert read_own_drafts("drafts", app=app).faults == ("de/any-1.txt: make it shorter: at most 10 KB",)

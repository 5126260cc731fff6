# SPDX-License-Identifier: Apache-2.0
"""New declarations: by systemctl reload, which says what is wrong with them, and by a file that changed."""

import json

import pytest

import unit
from daemon import framework, many
from unit import KEY, START

TWO = [framework(), framework(recipients=many(2))]
BAD = """\
{"frameworks": [{"name": "Baseline", "colour": "blue",
  "eligibility_acknowledged": true, "recipients": 7}]}
"""
FAULTS = ["shares.yaml:1:38", "shares.yaml:2:51"]


def document(frameworks):
    return json.dumps({"frameworks": frameworks})


def accounts(simulator):
    return [call["destination_account"] for call in simulator.log(START) if call["processed"]]


def check_as_before(service, pid):
    """It runs, is the same process, and systemd thinks well of it."""
    assert service.show("ActiveState") == "active" and service.show("SubState") == "running"
    assert service.show("Result") == "success" and service.show("NRestarts") == "0"
    assert service.show("MainPID") == pid


# --- systemctl reload -------------------------------------------------------------------------------------


def test_reload_of_good_files(service, simulator):
    service.start(*KEY)
    service.wait_passes(1)
    pid = service.show("MainPID")
    service.shares(*TWO)
    assert service.systemctl("reload").returncode == 0
    # Loaded when the command ends, and not some time after.
    assert service.events.of("loaded")[1]["MESSAGE"].endswith("2 frameworks, 3 shares")
    service.wait_for(lambda events: len(events.of("started")) == 3)
    check_as_before(service, pid)
    assert service.show("ReloadResult") == "success"
    assert len(accounts(simulator)) == 3


def test_reload_of_the_same_files(service, simulator):
    """Who asks is told, and a pass begins."""
    service.start(*KEY)
    service.wait_passes(1)
    service.systemctl("reload")
    service.wait_passes(2)
    assert len(service.events.of("loaded")) == 2 and len(accounts(simulator)) == 1


def test_reload_of_bad_files_fails_and_says_where(service, simulator):
    service.start(*KEY)
    service.wait_passes(1)
    pid = service.show("MainPID")
    service.shares_path.write_text(BAD)
    reload = service.systemctl("reload", check=False)
    assert reload.returncode == 1 and "failed" in reload.stderr
    check_as_before(service, pid)
    assert service.show("ReloadResult") == "exit-code"
    # Where, says the journal of the unit; what became of it, the service's own event.
    assert all(place in service.text for place in FAULTS), service.text
    refused = service.events.of("config-refused")
    assert refused and all("the last good one stays in force" in event["MESSAGE"] for event in refused)
    assert len(service.events.of("loaded")) == 1

    # Still with the last good ones: a pass works, and sends nothing.
    service.systemctl("kill", "--signal=USR1")
    service.wait_passes(2)
    assert len(accounts(simulator)) == 1
    # And good ones end it.
    service.shares(*TWO)
    service.systemctl("reload")
    assert service.show("ReloadResult") == "success"
    service.wait_for(lambda events: len(events.of("started")) == 3)
    check_as_before(service, pid)


def test_reload_with_settings_missing(service):
    service.start(*KEY)
    service.wait_passes(1)
    pid = service.show("MainPID")
    service.settings_path.unlink()
    assert service.systemctl("reload", check=False).returncode == 1
    check_as_before(service, pid)
    assert service.events.of("config-refused") and "/etc/auditshared/auditshared.yaml" in service.text


def test_what_the_command_itself_says(service):
    """The same, as a person gets it who calls it without systemctl."""
    service.start(*KEY)
    service.wait_passes(1)
    good = unit.run("auditsharectl", "reload")
    assert good.stdout.count("\n") == 1 and good.stderr == ""
    service.shares_path.write_text(BAD)
    bad = unit.run("auditsharectl", "reload", check=False)
    assert bad.returncode == 1 and bad.stdout == ""
    found = [line.split(": ")[0] for line in bad.stderr.splitlines() if line.startswith("/etc/auditshared/")]
    assert found == ["/etc/auditshared/" + place for place in FAULTS], bad.stderr
    service.systemctl("stop")
    gone = unit.run("auditsharectl", "reload", check=False)
    assert gone.returncode == 1 and gone.stdout == "" and gone.stderr


def test_bad_files_in_the_middle_of_a_pass(service, simulator):
    """The pass goes on as if nothing had been said."""
    service.slowly(24)
    service.start(*KEY)
    service.wait_started(3)
    pid = service.show("MainPID")
    service.shares_path.write_text(BAD)
    assert service.systemctl("reload", check=False).returncode == 1
    assert len(service.events.of("started")) < 24, "it was in the middle"
    service.at_full_speed()
    service.wait_passes(1)
    check_as_before(service, pid)
    assert not service.events.of("refused"), "nothing was cut short"
    service.check_each_sent_once(24)


def test_good_files_in_the_middle_of_a_pass(service):
    """Cut short between two requests; the next pass does the rest, with what is new."""
    service.slowly(24)
    service.start(*KEY)
    service.wait_started(3)
    service.shares(framework(recipients=many(28)))
    service.systemctl("reload")
    assert len(service.events.of("started")) < 24, "it was in the middle"
    service.at_full_speed()
    service.wait_passes(1)
    cut, = service.events.of("refused")
    assert cut["MESSAGE"].startswith("Pass cut short") and cut["PRIORITY"] == "5"
    service.check_each_sent_once(28)


# --- no command at all ------------------------------------------------------------------------------------


def rename_over(service, frameworks):
    """As vi, emacs and ansible do."""
    new = service.shares_path.with_name("shares.yaml~new")
    new.write_text(document(frameworks))
    new.chmod(0o644)
    new.rename(service.shares_path)


def write_in_place(service, frameworks):
    """As nano and `cat >` do: it is empty for a moment, then half there, and that does no harm."""
    text = document(frameworks)
    with open(service.shares_path, "w", encoding="utf-8") as file:
        for part in (text[:20], text[20:60], text[60:]):
            file.write(part)
            file.flush()


def add_a_drop_in(service, frameworks):
    """A file in shares.d, beside what shares.yaml says."""
    path = service.shares_path.parent / "shares.d/team.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(document(frameworks[1:]))


def add_the_folder_too(service, frameworks):
    folder = service.shares_path.parent / "shares.d"
    folder.rmdir()
    add_a_drop_in(service, frameworks)


EDITS = [rename_over, write_in_place, add_a_drop_in, add_the_folder_too]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_file_that_was_edited_becomes_shares(service, simulator, edit):
    service.start(*KEY)
    service.wait_passes(1)
    pid = service.show("MainPID")
    edit(service, TWO)
    service.wait_for(lambda events: len(events.of("started")) == 3)
    service.wait_passes(2)
    assert len(set(accounts(simulator))) == len(accounts(simulator)) == 3
    assert len(service.events.of("loaded")) == 2 and not service.events.of("config-refused")
    check_as_before(service, pid)


def test_an_edit_with_an_error_is_refused_once_and_the_next_one_loaded(service, simulator):
    service.start(*KEY)
    service.wait_passes(1)
    pid = service.show("MainPID")
    rename_over(service, TWO[:1] + [{"name": "Baseline", "colour": "blue"}])
    service.wait_for(lambda events: events.of("config-refused"))
    assert "shares.yaml:1:" in service.text
    check_as_before(service, pid)
    rename_over(service, TWO)
    service.wait_for(lambda events: len(events.of("started")) == 3)
    assert len(service.events.of("config-refused")) == 1 and len(accounts(simulator)) == 3

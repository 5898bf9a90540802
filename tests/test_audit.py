import pytest

from tests.audit import licence_fault, models, packages


@pytest.mark.parametrize(
    ("licence", "fault"),
    [
        ("MIT", ""),
        ("Apache-2.0 OR GPL-2.0-only", ""),
        ("LGPL-3.0-or-later", ""),
        ("GNU Lesser General Public License v3", ""),
        ("GPL-3.0-or-later", "under the GPL"),
        ("GNU General Public License v2 (GPLv2)", "under the GPL"),
        ("AGPL-3.0", "under the GPL"),
        ("GNU Affero General Public License v3", "under the GPL"),
        ("CC-BY-NC-4.0", "not free for every use"),
        ("for non-commercial research only", "not free for every use"),
        ("", "names no licence"),
    ],
)
def test_a_licence_is_judged_by_its_name(licence: str, fault: str) -> None:
    assert licence_fault(licence) == fault


def test_nothing_that_ships_is_at_fault() -> None:
    found = [*packages(), *models()]
    assert {"numpy", "pillow", "model identity"} <= {each.name for each in found}
    assert [(each.name, each.fault) for each in found if each.fault] == []

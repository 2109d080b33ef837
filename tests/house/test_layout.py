"""The house is laid out as its plan says."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from importlinter import cli

from hall.settings import HOUSE, Settings

PACKAGES = ("hall", "windows", "handbooks")
TOP_LEVEL = {
    "hall",
    "windows",
    "handbooks",
    "translations",
    "static",
    "tests",
    "wsgi.py",
    "requirements.txt",
    "README.md",
    "pyproject.toml",
    "Makefile",
    ".ci",
    "LICENSE",
    ".gitignore",
}
# Facts carry the addresses of their sources; licences and vendored files are the words of others.
MAY_NAME_HOSTS = (
    re.compile(r"windows/(?:[a-z_]+/)*[\w-]+\.toml"),
    re.compile(r"windows/(?:[a-z_]+/)*[\w-]+\.md"),
    re.compile(r"handbooks/chapters/.*"),
    re.compile(r"tests/(?:windows|handbooks)/.*"),
    re.compile(r"static/vendor/.*"),
    re.compile(r"LICENSE"),
    re.compile(r"(?:tests/)?requirements\.txt"),
)
# Names of the hall itself, reserved names (RFC 2606, RFC 6761), and the namespaces of XML, which nobody fetches.
HARMLESS_HOSTS = re.compile(
    r"(?:127\.0\.0\.1|localhost|\[::1\]|[\w.-]*\.?example(?:\.com|\.org|\.net)?|[\w.-]+\.(?:test|invalid|localdomain)"
    r"|www\.w3\.org|ns\.adobe\.com|purl\.org|www\.aiim\.org)$"
)
HOST = re.compile(r"\b(?:https?|wss?|ftp)://([\w\[][^\s/:\"'<>)\]}|\\]+)", re.ASCII)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+|tmp/hall|opt/(?:wheels|pypi))(?:/|\b)")


def tracked_files() -> list[str]:
    """Every file of the repository, as git knows them (also in a copy whose owner is somebody else)."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={HOUSE}", "ls-files", "-z"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (HOUSE / name).exists()]


TRACKED = tracked_files()


def text_of(name: str) -> str | None:
    try:
        return (HOUSE / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def contracts() -> list[dict[str, object]]:
    content = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    return list(content["tool"]["importlinter"]["contracts"])


def floors() -> set[str]:
    """Every module that the one-way streets name."""
    layers = next(contract["layers"] for contract in contracts() if contract["name"] == "One-way streets")
    assert isinstance(layers, list)
    return {module.strip() for layer in layers for module in layer.split("|")}


def all_modules() -> set[str]:
    return set(grimp.build_graph(*PACKAGES, cache_dir=None).modules)


def unplaced(modules: set[str], floors: set[str]) -> set[str]:
    """The modules on no floor; a package that holds a docstring only (`__init__`) needs none."""
    parents = {module.rpartition(".")[0] for module in modules}
    return {
        module
        for module in modules - parents
        if not any(module == floor or module.startswith(floor + ".") for floor in floors)
    }


# Who imports whom


def test_the_import_contract_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(HOUSE)
    broken = cli.lint_imports(no_cache=True, no_logo=True)
    assert broken == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_module_stands_on_a_floor() -> None:
    assert unplaced(all_modules(), floors()) == set()


def test_a_module_that_nobody_placed_is_noticed() -> None:
    modules = {"hall", "hall.stranger", "hall.cases", "hall.cases.rules", "hall.casesfiles", "windows.stranger"}
    assert unplaced(modules, {"hall.cases"}) == {"hall.stranger", "hall.casesfiles", "windows.stranger"}


def test_an_import_upwards_breaks_the_contract(tmp_path: Path) -> None:
    """The contract is not an empty word: on a house whose ground floor imports the top floor it fails."""
    house = tmp_path / "house"
    for name in TRACKED:
        if name.endswith(".py") and name.startswith(PACKAGES):
            copy = house / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((HOUSE / name).read_bytes())
    (house / "pyproject.toml").write_bytes((HOUSE / "pyproject.toml").read_bytes())
    ground = house / "hall" / "words.py"
    ground.write_text(ground.read_text(encoding="utf-8") + "\nimport hall.app\n", encoding="utf-8")

    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache", "--no-logo"], cwd=house, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "hall.words is not allowed to import hall.app" in done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_an_init_file_holds_a_docstring_only(package: str) -> None:
    for path in sorted((HOUSE / package).rglob("__init__.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, path
        assert isinstance(body[0], ast.Expr), path
        assert ast.get_docstring(ast.Module(body, [])), path


def test_nothing_is_imported_inside_a_function_but_the_press() -> None:
    found = {
        name
        for name in TRACKED
        if name.endswith(".py")
        for node in ast.walk(ast.parse((HOUSE / name).read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert found <= {"handbooks/rendering.py"}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "managers", "service", "services", "misc", "common"}
    assert not {name for name in TRACKED if Path(name).suffix == ".py" and Path(name).stem in empty}


# What lies where


def test_the_top_level_holds_what_the_plan_says() -> None:
    assert {name.split("/")[0] for name in TRACKED} == TOP_LEVEL


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{name}: {match.group()}"
        for name in TRACKED
        if not name.startswith("static/vendor/") and name != "tests/house/test_layout.py"
        for match in MACHINE_PATH.finditer(text_of(name) or "")
    ]
    assert not found


def test_no_file_but_the_knowledge_names_a_host_outside() -> None:
    found = [
        f"{name}: {host}"
        for name in TRACKED
        if name != "tests/house/test_layout.py" and not any(kind.fullmatch(name) for kind in MAY_NAME_HOSTS)
        for host in HOST.findall(text_of(name) or "")
        if not HARMLESS_HOSTS.fullmatch(host.rpartition("@")[2])
    ]
    assert not found


@pytest.mark.parametrize("host", ["cdn.jsdelivr.net", "fonts.googleapis.com", "localhost.evil.cn", "example.com.cn"])
def test_a_host_outside_is_recognised(host: str) -> None:
    assert [found for found in HOST.findall(f"src='https://{host}/x'") if not HARMLESS_HOSTS.fullmatch(found)]


def test_the_requirements_are_pinned_with_hashes_and_name_no_registry() -> None:
    for name in ("requirements.txt", "tests/requirements.txt"):
        lines = (HOUSE / name).read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==[\w.!+]+( ; .*)? \\$", pin) for pin in pins), name
        assert len(pins) > 30
        assert all(re.match(r" +--hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in lines if line not in pins), name


def test_the_tests_run_with_the_versions_that_serve() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (HOUSE / name).read_text(encoding="utf-8").splitlines()
        found = (re.match(r"([a-z0-9._-]+)==(\S+)", line) for line in lines)
        return {match[1]: match[2] for match in found if match}

    serving, testing = pins("requirements.txt"), pins("tests/requirements.txt")
    assert {name: version for name, version in testing.items() if serving.get(name, version) != version} == {}


# What the newcomer reads


def test_the_readme_names_every_setting() -> None:
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    names = {f"HALL_{name.upper()}" for name in Settings.model_fields} - {"HALL_DATABASE_URL"} | {"DATABASE_URL"}
    assert {name for name in names if name not in readme} == set()


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    known = {f"HALL_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bHALL_[A-Z_]+\b", readme)) <= known


def test_make_help_names_every_target_that_the_readme_names() -> None:
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    told = subprocess.run(["make", "help"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    assert {"serve", "test"} <= set(re.findall(r"`make ([a-z-]+)", readme)) | set(
        re.findall(r"^make ([a-z-]+)", readme, re.M)
    )
    assert set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)`", readme)) <= set(re.findall(r"make ([a-z-]+)", told))

"""The containers of `deploy/`, as far as a machine without Docker can check them."""

import re
import shutil
import subprocess
import sys
import zipfile
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

import twite.main
from support.site_under_test import free_port
from twite_common.settings import descriptions, load

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILE = DEPLOY / "compose.yaml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]
PARTS = {name: service for name, service in SERVICES.items() if service["image"] == "twite"}
WEB = [name for name, part in PARTS.items() if part["command"] == "web"]
SETTINGS = {f"TWITE_{name.upper()}" for name, _, _ in descriptions()}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def judged(file):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True)


def filled_in(value, said):
    """Return a value with what the operator has said for each `${NAME:?…}`."""
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: said[found[1]], value)


def address(service):
    return SERVICES[service]["networks"]["front"]["ipv4_address"]


def mounts(service):
    """Give (source, target) of everything mounted into a service."""
    for volume in SERVICES[service]["volumes"]:
        if isinstance(volume, str):
            source, target, *_ = volume.split(":")
            yield source, target
        else:
            yield volume["source"], volume["target"]


def test_the_schema_accepts_the_file():
    checked = judged(FILE)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("restart: unless-stopped", "restart: [unless-stopped]"),
        ("condition: service_healthy", "condition: healthy"),
        ("    command: worker", "    comand: worker"),
        ('ports: ["127.0.0.1:8080:80"]', "ports: 8080"),
        ("interval: 5s", "every: 5s"),
    ],
)
def test_the_schema_finds_a_broken_copy(tmp_path, right, wrong):
    assert right in FILE.read_text()
    broken = tmp_path / "compose.yaml"
    broken.write_text(FILE.read_text().replace(right, wrong))

    assert judged(broken).returncode == 1


@pytest.mark.parametrize("name", PARTS)
def test_each_part_runs_a_command_that_there_is(name):
    assert PARTS[name]["command"] in twite.main.main.commands


def test_every_part_is_there_once_and_the_web_twice():
    assert sorted(part["command"] for part in PARTS.values()) == ["clock", "migrate", "web", "web", "worker"]


@pytest.mark.parametrize("name", PARTS)
def test_settings_exist_and_can_be_used(name):
    environment = PARTS[name]["environment"]
    operators = {"TWITE_BASE_URL": "https://twite.example", "DATABASE_PASSWORD": "a1", "BROKER_PASSWORD": "b2"}

    assert {variable for variable in environment if variable.startswith("TWITE_")} - SETTINGS == set()
    settings = load(
        environ={key: filled_in(value, operators) for key, value in environment.items() if value is not None}
    )
    assert settings.database == "postgresql://twite:a1@database/twite"
    assert settings.broker == "amqp://twite:b2@broker/twite"
    assert settings.base_url == "https://twite.example"


def test_what_the_parts_expect_is_what_the_database_and_the_broker_make():
    database, broker = SERVICES["database"]["environment"], SERVICES["broker"]["environment"]

    assert (database["POSTGRES_USER"], database["POSTGRES_DB"]) == ("twite", "twite")
    assert (broker["RABBITMQ_DEFAULT_USER"], broker["RABBITMQ_DEFAULT_VHOST"]) == ("twite", "twite")
    assert "${DATABASE_PASSWORD:?" in database["POSTGRES_PASSWORD"]
    assert "${BROKER_PASSWORD:?" in broker["RABBITMQ_DEFAULT_PASS"]


def test_no_secret_stands_in_the_file_or_the_image():
    variables = [
        (name, value) for service in SERVICES.values() for name, value in service.get("environment", {}).items()
    ]
    secret = re.compile("PASS|SECRET|SMTP|DATABASE$|BROKER$")

    for name, value in variables:
        if secret.search(name):
            assert value is None or re.search(r"\$\{\w+:\?", value), name
    assert not secret.search(" ".join(re.findall(r"^(?:ENV|ARG) .*$", DOCKERFILE, re.MULTILINE)))
    assert ".env" in (DEPLOY / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_that_is_mounted_exists(name):
    for source, _ in mounts(name):
        assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_nginx_finds_what_its_configuration_names():
    configuration = (DEPLOY / "nginx.conf").read_text()
    targets = {target for _, target in mounts("nginx")}

    assert {path.rstrip("/") for path in re.findall(r"alias (/[\w/.]+?)/?(?:\$\w+)?;", configuration)} <= targets
    assert set(re.findall(r"include (/etc/nginx/twite\S*);", configuration)) <= targets


def test_pictures_are_where_nginx_reads_them():
    media = {name: target for name in (*WEB, "nginx") for source, target in mounts(name) if source == "media"}
    [data] = re.findall(r"TWITE_DATA=(\S+)", DOCKERFILE)

    assert media == {**dict.fromkeys(WEB, str(load(Path(data), {}).data / "media")), "nginx": "/srv/twite/media"}


def test_only_nginx_can_be_reached_from_outside_and_only_by_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {"nginx": ["127.0.0.1:8080:80"]}
    assert [name for name, service in SERVICES.items() if service.get("network_mode") == "host"] == []


def test_nginx_and_the_database_share_no_network():
    assert set(SERVICES["nginx"]["networks"]) & set(SERVICES["database"]["networks"]) == set()


def test_addresses_agree():
    [network] = COMPOSE["networks"]["front"]["ipam"]["config"]
    servers = re.findall(r"^server ([\d.]+):8000 ", (DEPLOY / "containers-upstream.conf").read_text(), re.MULTILINE)
    trusted = PARTS[WEB[0]]["environment"]["TWITE_TRUSTED_PROXIES"].split(",")

    assert servers == [address(name) for name in WEB]
    assert trusted == [f"{address('nginx')}/32", f"{network['gateway']}/32"]
    assert all(ip_address(one) in ip_network(network["subnet"]) for one in (*servers, address("nginx")))


def test_web_processes_are_tried_as_outside_of_containers():
    def rules(name):
        return {line.partition(" ")[2].partition(" ")[2] for line in (DEPLOY / name).read_text().splitlines()[1:]}

    assert rules("containers-upstream.conf") == rules("twite-upstream.conf")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_it_needs_and_starts_again(name):
    service = SERVICES[name]
    for needed, how in service.get("depends_on", {}).items():
        if needed == "migrate":
            assert how["condition"] == "service_completed_successfully"
        else:
            assert how["condition"] == "service_healthy"
            assert "test" in SERVICES[needed].get("healthcheck", {}) or needed in WEB
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


@pytest.mark.parametrize("name", [name for name, part in PARTS.items() if part["command"] != "web"])
def test_only_web_processes_are_asked_for_their_health(name):
    assert PARTS[name]["healthcheck"] == {"disable": True}


@pytest.mark.parametrize("name", [name for name in PARTS if name != "migrate"])
def test_parts_start_after_the_database_is_up_to_date(name):
    assert set(PARTS[name]["depends_on"]) == {"database", "broker", "migrate"}


def test_the_image_is_built_of_files_that_exist_and_are_sent_to_be_built():
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    sent = re.findall(r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    built = SERVICES["migrate"]["build"]

    assert sorted(sources) == sorted(sent)
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert ((DEPLOY / built["context"]).resolve(), ROOT / built["dockerfile"]) == (ROOT, DEPLOY / "Dockerfile")


def test_the_image_installs_what_is_locked_and_runs_as_an_ordinary_user():
    installs = re.findall(r"pip[^&\n]* install ([^&\n\\]*)", DOCKERFILE)

    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-deps --no-index" in one for one in installs)
    assert re.findall(r"requirements/(\w+\.txt)(?= \\|\n)", DOCKERFILE) == ["build.txt", "run.txt"]
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["twite"]
    assert re.findall(r'^(?:ENTRYPOINT|CMD) \["(\w+)"\]$', DOCKERFILE, re.MULTILINE) == ["twite", "run"]
    assert set(re.findall(r"TWITE_[A-Z_]+", DOCKERFILE)) <= SETTINGS


@pytest.mark.parametrize("part", ["common", "broker", "web", "tasks", "cli"])
def test_a_part_that_is_installed_holds_every_file_of_its_own(tmp_path, part):
    shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=tmp_path / part,
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    source = tmp_path / part / "src"

    assert {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()} <= set(
        zipfile.ZipFile(wheel).namelist()
    )


def health(site, **settings):
    environment = {**site.environment, **{f"TWITE_{name.upper()}": value for name, value in settings.items()}}
    return subprocess.run([sys.executable, str(DEPLOY / "health.py")], env=environment).returncode


def test_a_web_process_is_asked_for_its_health_by_its_sites_name(make_site):
    site = make_site(base_url="https://twite.example:8443", hosts="127.0.0.1")
    site.start("web")

    assert health(site) == 0
    assert health(site, base_url="https://other.example") == 1
    assert health(site, port=str(free_port())) == 1

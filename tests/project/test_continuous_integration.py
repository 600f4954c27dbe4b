"""What runs the checks for us does so: the hooks before a commit, and the workflow of a public service."""

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


def test_hooks_run_each_check_before_a_commit():
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.partition("\ncheck:")[2].partition("\n\n")[0].splitlines()[1:]
    variables = {"$(BIN)": ".venv/bin", "$(NODE_MODULES)": "node_modules", "$(MAKE)": "make"}
    commands = [line.strip().removeprefix("@") for line in recipe]
    for name, value in variables.items():
        commands = [command.replace(name, value) for command in commands]
    [local] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]

    assert [hook["entry"] for hook in local["hooks"]] == commands


def test_the_workflow_is_valid_and_runs_what_continuous_integration_runs():
    command = (Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "github-workflows", WORKFLOW)
    job = yaml.safe_load(WORKFLOW.read_text())["jobs"]["ci"]

    assert subprocess.run(command, capture_output=True, text=True).stdout.startswith("ok")
    assert ".ci/run" in [step.get("run") for step in job["steps"]]

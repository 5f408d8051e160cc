"""Runs Terraform with a mirror of the AWS provider, where there is one."""
import glob
import os
import shutil
import subprocess

# A folder as `terraform providers mirror` makes it.
FOUND = glob.glob("/opt/*/*/hashicorp/aws") + glob.glob("/usr/*/terraform/plugins/*/hashicorp/aws")
MIRROR = os.environ.get("TF_PLUGIN_MIRROR") or (os.path.dirname(os.path.dirname(os.path.dirname(FOUND[0]))) if FOUND else "")


def require(test):
    if not shutil.which("terraform") or not os.path.isdir(MIRROR):
        test.skipTest("there is no terraform with a mirror of the AWS provider")


def run(test, folder, *words, variables=()):
    """One command in a folder with a configuration; a plan with changes counts as done."""
    rc = os.path.join(folder, "rc")
    with open(rc, "w") as file:
        file.write(f'provider_installation {{ filesystem_mirror {{ path = "{MIRROR}" }} }}\n')
    given = [w for v in variables for w in ("-var", v)]
    done = subprocess.run(
        ["terraform", *words, "-no-color", "-input=false", *given], cwd=folder, capture_output=True, text=True,
        timeout=300, env={**os.environ, "TF_CLI_CONFIG_FILE": rc, "TF_IN_AUTOMATION": "1"})
    test.assertIn(done.returncode, (0, 2), done.stdout + done.stderr)
    return done

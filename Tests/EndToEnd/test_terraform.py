"""Terraform with the AWS provider, unchanged but for the endpoint: apply, empty plan, change, empty plan, destroy."""
import glob
import os
import shutil
import subprocess
import unittest

from harness import Folder, Server, Subscriber

# A folder as `terraform providers mirror` makes it.
FOUND = glob.glob("/opt/*/*/hashicorp/aws") + glob.glob("/usr/*/terraform/plugins/*/hashicorp/aws")
MIRROR = os.environ.get("TF_PLUGIN_MIRROR") or (os.path.dirname(os.path.dirname(os.path.dirname(FOUND[0]))) if FOUND else "")
MODULE = os.path.join(os.path.dirname(__file__), "../../../shared/spec/terraform-cis/main.tf")


class Terraform(unittest.TestCase):
    def test_applies_changes_and_destroys_with_empty_plans_between(self):
        if not shutil.which("terraform") or not os.path.isdir(MIRROR):
            self.skipTest("there is no terraform with a mirror of the AWS provider")
        if not os.path.exists(MODULE):
            self.skipTest("the Terraform module of the shared data is not here")
        with Folder() as folder, Server() as server, Subscriber() as subscriber:
            shutil.copy(MODULE, folder)
            rc = os.path.join(folder, "rc")
            with open(rc, "w") as file:
                file.write(f'provider_installation {{ filesystem_mirror {{ path = "{MIRROR}" }} }}\n')
            variables = [
                f"endpoint={server.url}", "access_key=test", "secret_key=test",
                f'subscriptions={{ops={{protocol="http",endpoint="{subscriber.url}"}},'
                'mail={protocol="email",endpoint="ops@example.com"}}',
                'trail={name="main",s3_bucket_name="bucket",role_arn="arn:aws:iam::123456789012:role/trail"}']

            def terraform(*words, more=()):
                given = [w for v in (*variables, *more) for w in ("-var", v)] if words[0] != "init" else []
                done = subprocess.run(
                    ["terraform", *words, "-no-color", "-input=false", *given], cwd=folder, capture_output=True,
                    text=True, timeout=300, env={**os.environ, "TF_CLI_CONFIG_FILE": rc, "TF_IN_AUTOMATION": "1"})
                self.assertIn(done.returncode, (0, 2), done.stdout + done.stderr)
                return done

            terraform("init")
            self.assertIn("Resources: 13 added", terraform("apply", "-auto-approve").stdout)
            plan = terraform("plan", "-detailed-exitcode")
            self.assertEqual(plan.returncode, 0, plan.stdout)
            change = ["alarm_period_seconds=600", "log_retention_days=90", 'tags={team="ops"}',
                      'pattern_overrides={iam_changes="{ $.eventName = \\"CreatePolicy\\" }"}']
            self.assertIn("Apply complete", terraform("apply", "-auto-approve", more=change).stdout)
            plan = terraform("plan", "-detailed-exitcode", more=change)
            self.assertEqual(plan.returncode, 0, plan.stdout)
            self.assertIn("Resources: 13 destroyed", terraform("destroy", "-auto-approve", more=change).stdout)


if __name__ == "__main__":
    unittest.main()

"""Terraform with the AWS provider, unchanged but for the endpoint: apply, empty plan, change, empty plan, destroy."""
import os
import shutil
import unittest

import terraform
from harness import Folder, Server, Subscriber

MODULE = os.path.join(os.path.dirname(__file__), "../../../shared/spec/terraform-cis/main.tf")


class Terraform(unittest.TestCase):
    def test_applies_changes_and_destroys_with_empty_plans_between(self):
        terraform.require(self)
        if not os.path.exists(MODULE):
            self.skipTest("the Terraform module of the shared data is not here")
        with Folder() as folder, Server() as server, Subscriber() as subscriber:
            shutil.copy(MODULE, folder)
            variables = [
                f"endpoint={server.url}", "access_key=test", "secret_key=test",
                f'subscriptions={{ops={{protocol="http",endpoint="{subscriber.url}"}},'
                'mail={protocol="email",endpoint="ops@example.com"}}',
                'trail={name="main",s3_bucket_name="bucket",role_arn="arn:aws:iam::123456789012:role/trail"}']

            def run(*words, more=()):
                return terraform.run(self, folder, *words, variables=[*variables, *more])

            terraform.run(self, folder, "init")
            self.assertIn("Resources: 13 added", run("apply", "-auto-approve").stdout)
            plan = run("plan", "-detailed-exitcode")
            self.assertEqual(plan.returncode, 0, plan.stdout)
            change = ["alarm_period_seconds=600", "log_retention_days=90", 'tags={team="ops"}',
                      'pattern_overrides={iam_changes="{ $.eventName = \\"CreatePolicy\\" }"}']
            self.assertIn("Apply complete", run("apply", "-auto-approve", more=change).stdout)
            plan = run("plan", "-detailed-exitcode", more=change)
            self.assertEqual(plan.returncode, 0, plan.stdout)
            self.assertIn("Resources: 13 destroyed", run("destroy", "-auto-approve", more=change).stdout)


if __name__ == "__main__":
    unittest.main()

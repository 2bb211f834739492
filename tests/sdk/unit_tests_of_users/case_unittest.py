"""Mocks at import time, `unittest` classes, `pulumi.runtime.test` on methods: the style of the tutorials."""

import unittest

import mocked
import pulumi

pulumi.runtime.set_mocks(mocked.MyMocks())

import infra  # noqa: E402

server = infra.Server("web", [80, 443])


class TestingWithMocks(unittest.TestCase):
    @pulumi.runtime.test
    def test_server_tags(self):
        def check_tags(args):
            urn, tags = args
            self.assertIsNotNone(tags, f"server {urn} must have tags")
            self.assertIn("Name", tags, f"server {urn} must have a name tag")
            self.assertEqual(tags["Project"], "project")

        return pulumi.Output.all(server.instance.urn, server.instance.tags).apply(check_tags)

    @pulumi.runtime.test
    def test_server_userdata(self):
        def check_user_data(args):
            urn, user_data = args
            self.assertFalse(user_data, f"illegal use of user_data on server {urn}")

        return pulumi.Output.all(server.instance.urn, server.instance.user_data).apply(check_user_data)

    @pulumi.runtime.test
    def test_no_public_ssh(self):
        def check_ingress(args):
            urn, ingress = args
            ssh_open = any(r["from"] == 22 and "0.0.0.0/0" in r["cidr"] for r in ingress)
            self.assertFalse(ssh_open, f"security group {urn} exposes port 22")

        return pulumi.Output.all(server.group.urn, server.group.ingress).apply(check_ingress)

    def test_a_failed_assertion_in_apply_fails_the_test(self):
        @pulumi.runtime.test
        def inner():
            return server.address.apply(lambda address: self.assertEqual(address, "nothing"))

        with self.assertRaises(AssertionError):
            inner()

    def test_without_the_decorator(self):
        self.assertIsInstance(server.address, pulumi.Output)


class TestUrns(unittest.TestCase):
    @pulumi.runtime.test
    def test_urn_of_a_child(self):
        return server.instance.urn.apply(
            lambda urn: self.assertEqual(
                urn, "urn:pulumi:stack::project::my:web:Server$aws:ec2/instance:Instance::web-vm"
            )
        )


if __name__ == "__main__":
    unittest.main()

"""What each option does (engine.md §6)."""

from __future__ import annotations

from support.deployments import Bench, Client

from stackwright.engine import InvalidRequestError, OperationResult
from stackwright.goals import AliasSpec, CustomTimeouts, PackageRequest
from stackwright.urn import Urn, urn_name
from stackwright.values import OutputValue, Secret


class TestIgnoreChanges:
    def test_the_old_value_stands(self) -> None:
        """E174."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1, "tags": {"x": 1}}))
        run = bench.up(
            lambda client: client.resource(
                "a", {"size": 2, "tags": {"x": 2}}, ignore_changes=("size", "tags.x")
            )
        )

        assert run.counts == {"same": 1}
        assert bench.record("a").inputs == {"size": 1, "tags": {"x": 1}}

    def test_what_was_added_cannot_be_ignored(self) -> None:
        """X51: an info message, and the program's value stands."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"list": []}))
        run = bench.up(lambda client: client.resource("a", {"list": [1]}, ignore_changes=("list[0]",)))

        assert run.counts == {"update": 1}
        assert any("list[0]" in item.message for item in run.diagnostics)

    def test_a_fresh_create_ignores_nothing(self) -> None:
        """E174: never on a create."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}, ignore_changes=("size",)))

        assert bench.record("a").inputs == {"size": 1}


class TestRetainAndDeletedWith:
    def test_retained_ones_are_forgotten_not_deleted(self) -> None:
        """X47."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", retain_on_delete=True))
        run = bench.up(lambda client: None)

        assert run.counts == {"delete": 1}
        assert bench.provider.names("delete") == []
        assert bench.names == []

    def test_deleted_with_another(self) -> None:
        """X48: no call for B where A goes too; a call where A stays."""
        bench = Bench()

        def both(client: Client) -> None:
            a = client.resource("a")
            client.resource("b", deleted_with=a.urn)

        bench.up(both)
        bench.up(lambda client: client.resource("a"))
        assert bench.provider.names("delete") == ["b"]
        bench.up(both)
        bench.provider.calls.clear()
        bench.up(lambda client: None)

        assert bench.provider.names("delete") == ["a"]
        assert bench.names == []


class TestTimeouts:
    def test_seconds_reach_the_provider(self) -> None:
        """E122."""
        bench = Bench()
        seen = []
        bench.provider.hooks["create"] = lambda request: seen.append(request.timeout)
        bench.up(lambda client: client.resource("a", custom_timeouts=CustomTimeouts(create=90)))

        assert seen == [90]
        assert bench.record("a").custom_timeouts == CustomTimeouts(create=90)


class TestAliases:
    def test_a_renamed_resource_keeps_its_object(self) -> None:
        """E131, E268: the record gets the new URN, references to it follow."""
        bench = Bench()

        def program(name: str, *aliases: AliasSpec):
            def run(client: Client) -> None:
                a = client.resource(name, aliases=aliases)
                client.resource("b", {"x": 1}, depends_on=(a.urn,))

            return run

        bench.up(program("old"))
        run = bench.up(program("new", AliasSpec(name="old")))

        assert run.counts == {"same": 2}
        assert bench.names == ["b", "new"]
        assert bench.record("new").id == "old-1"
        assert bench.record("new").aliases == ()
        assert urn_name(bench.record("b").dependencies[0]) == "new"

    def test_who_does_not_register_follows_too(self) -> None:
        """E268: references in records that this run did not touch are rewritten."""
        bench = Bench()

        def old(client: Client) -> None:
            a = client.resource("old")
            client.resource("b", depends_on=(a.urn,), protect=True)

        bench.up(old)
        bench.up(lambda client: client.resource("new", aliases=(AliasSpec(name="old"),)))

        assert urn_name(bench.record("b").dependencies[0]) == "new"

    def test_children_follow_their_parent(self) -> None:
        """X12, X13: the parent's alias is inherited, the prefix of the name too."""
        bench = Bench()

        def program(name: str, *aliases: AliasSpec):
            def run(client: Client) -> None:
                parent = client.component(name, aliases=aliases)
                client.resource(f"{name}-bucket", parent=parent.urn)

            return run

        bench.up(program("old"))
        run = bench.up(program("new", AliasSpec(name="old")))

        assert run.counts == {"same": 2}
        assert bench.names == ["new", "new-bucket"]

    def test_an_alias_that_is_taken(self) -> None:
        """X10: whoever comes second is told, and the deployment stops; nothing is deleted."""
        for order in (("a", "b"), ("b", "a")):
            bench = Bench()
            bench.up(lambda client: client.resource("a"))

            def program(client: Client, order: tuple[str, str] = order) -> None:
                for name in order:
                    client.resource(name, aliases=(AliasSpec(name="a"),) if name == "b" else ())

            run = bench.up(program)

            assert run.summary.result is OperationResult.FAILED
            assert {item.code for item in run.diagnostics if item.code} <= {2008, 2016}
            assert bench.provider.names("delete") == []

    def test_the_own_urn_wins(self) -> None:
        """X11: two that alias each other stay who they are."""
        bench = Bench()

        def program(*, aliased: bool):
            def run(client: Client) -> None:
                client.resource("a", aliases=(AliasSpec(name="b"),) if aliased else ())
                client.resource("b", aliases=(AliasSpec(name="a"),) if aliased else ())

            return run

        bench.up(program(aliased=False))

        assert bench.up(program(aliased=True)).counts == {"same": 2}

    def test_a_renamed_provider_keeps_its_resources(self) -> None:
        """E50, E56: nothing is replaced because its provider has another name."""
        bench = Bench()

        def program(name: str, *aliases: AliasSpec):
            def run(client: Client) -> None:
                made = client.register("pulumi:providers:test", name, aliases=aliases)
                client.resource("a", provider=f"{made.urn}::{made.id}")

            return run

        bench.up(program("old"))
        run = bench.up(program("new", AliasSpec(name="old")))

        assert run.counts == {"same": 2}
        assert bench.record("a").provider.split("::")[3] == "new"


class TestProviders:
    def test_default_providers_are_made_once(self) -> None:
        """E26, X4: however many ask for one."""
        bench = Bench()

        def program(client: Client) -> None:
            from stackwright.goals import RegisterRequest

            replies = [
                client.monitor.register(
                    RegisterRequest(type="test:index:Thing", name=f"r{index}", custom=True)
                )
                for index in range(20)
            ]
            for reply in replies:
                reply.wait(20)

        bench.up(program)

        assert len(bench.host.loaded) == 1
        providers = [state for state in bench.state if state.type == "pulumi:providers:test"]
        assert [urn_name(state.urn) for state in providers] == ["default"]

    def test_default_providers_are_named_after_their_version(self) -> None:
        """E30."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", version="4.16.0"))

        assert any(urn_name(state.urn) == "default_4_16_0" for state in bench.state)
        assert bench.host.loaded[0] == PackageRequest(name="test", version="4.16.0")

    def test_default_providers_get_the_stack_configuration(self) -> None:
        """E32."""
        bench = Bench()
        bench.config = {"test:region": "north", "test:key": "k", "other:x": "1"}
        bench.secret_keys = frozenset({"test:key"})
        bench.up(lambda client: client.resource("a"))

        assert bench.provider.configured[0].inputs == {"region": "north", "key": Secret("k")}

    def test_a_new_version_of_a_default_provider(self) -> None:
        """X2: the new provider is made, resources move over, the old one goes."""
        bench = Bench()
        bench.up(lambda client: client.resource("a"))
        run = bench.up(lambda client: client.resource("a", version="0.17.10"))

        assert run.counts == {"same": 1}
        names = [urn_name(state.urn) for state in bench.state if state.type == "pulumi:providers:test"]
        assert names == ["default_0_17_10"]

    def test_a_provider_that_says_so_replaces_everything_on_it(self) -> None:
        """X3: by its DiffConfig; the resources' own diff is not asked."""
        from stackwright.providers import DiffChanges, DiffResult

        bench = Bench()
        bench.up(lambda client: client.resource("a"))
        bench.provider.hooks["diff_config"] = lambda request: DiffResult(
            changes=DiffChanges.SOME, replaces=("region",)
        )
        run = bench.up(lambda client: client.resource("a", version="2.0.0"))

        assert run.counts == {"replace": 1}
        assert run.step("a").keys == ("provider",)
        assert bench.provider.names("diff") == []

    def test_disabled_default_providers(self) -> None:
        """X5: 2015; an explicit provider still works."""
        bench = Bench()
        bench.config = {"pulumi:disable-default-providers": '["*"]'}
        denied = bench.up(lambda client: client.resource("a"))

        def explicit(client: Client) -> None:
            made = client.register("pulumi:providers:test", "mine")
            client.resource("a", provider=f"{made.urn}::{made.id}")

        assert denied.summary.result is OperationResult.FAILED
        assert denied.diagnostics[0].code == 2015
        assert bench.up(explicit).summary.result is OperationResult.SUCCEEDED

    def test_the_providers_of_a_component_reach_its_children(self) -> None:
        """E39, E40: through the map by package, at any depth."""
        bench = Bench()

        def program(client: Client) -> None:
            made = client.register("pulumi:providers:test", "mine")
            outer = client.component("outer", providers={"test": f"{made.urn}::{made.id}"})
            inner = client.component("inner", parent=outer.urn)
            client.resource("a", parent=inner.urn)

        bench.up(program)

        assert bench.record("a").provider.split("::")[3] == "mine"

    def test_unknown_configuration_in_a_preview(self) -> None:
        """X6: the provider is not configured; what is created has unknown outputs, what exists is updated."""
        bench = Bench()

        def program(*, unknown: bool):
            def run(client: Client) -> None:
                a = client.resource("source")
                value = a.outputs["out"] if unknown else "fixed"
                made = client.register("pulumi:providers:test", "mine", {"region": value})
                client.resource("a", provider=f"{made.urn}::{made.id}")

            return run

        run = bench.preview(program(unknown=True))

        assert run.summary.result is OperationResult.SUCCEEDED
        assert bench.provider.names("preview_create") == ["source"]
        assert [request.urn.split("::")[3] for request in bench.provider.configured] == ["default"]

    def test_changed_configuration_is_used_with_the_same_id(self) -> None:
        """E48: a provider updated in place keeps its reference, so nothing else changes."""
        bench = Bench()

        def program(region: str):
            def run(client: Client) -> None:
                made = client.register("pulumi:providers:test", "mine", {"region": region})
                client.resource("a", provider=f"{made.urn}::{made.id}")

            return run

        bench.up(program("north"))
        run = bench.up(program("south"))

        assert run.counts == {"update": 1, "same": 1}
        assert bench.provider.configured[-1].inputs == {"region": "south"}


class TestInheritance:
    def test_protect_and_retain_come_from_the_parent(self) -> None:
        """E38."""
        bench = Bench()

        def program(client: Client) -> None:
            parent = client.component("c", protect=True, retain_on_delete=True)
            client.resource("a", parent=parent.urn)
            client.resource("b", parent=parent.urn, protect=False)

        bench.up(program)

        assert bench.record("a").protect
        assert bench.record("a").retain_on_delete
        assert not bench.record("b").protect


class TestBadRequests:
    def test_a_type_without_three_parts(self) -> None:
        """X7: the program is told; nothing else happens."""
        bench = Bench()
        errors = []

        def program(client: Client) -> None:
            try:
                client.register("bad", "a")
            except InvalidRequestError as error:
                errors.append(error)
            client.resource("b")

        run = bench.up(program)

        assert "package:module:name" in str(errors[0])
        assert run.summary.result is OperationResult.SUCCEEDED

    def test_environment_mappings_on_an_ordinary_resource(self) -> None:
        """X8."""
        bench = Bench()
        errors = []

        def program(client: Client) -> None:
            try:
                client.resource("a", env_var_mappings={"NEW": "OLD"})
            except InvalidRequestError as error:
                errors.append(error)

        bench.up(program)

        assert "env_var_mappings" in str(errors[0])

    def test_environment_mappings_of_a_provider_are_kept(self) -> None:
        """X8, E33: inside `__internal`."""
        bench = Bench()
        bench.up(
            lambda client: client.register("pulumi:providers:test", "p", env_var_mappings={"NEW": "OLD"})
        )

        assert bench.record("p").inputs["__internal"] == {"envVarMappings": {"NEW": "OLD"}}

    def test_two_of_one_name(self) -> None:
        """X9: 2001; the first one stays."""
        bench = Bench()

        def program(client: Client) -> None:
            client.resource("a")
            client.resource("a")

        run = bench.up(program)

        assert [item.code for item in run.diagnostics if item.code] == [2001]
        assert bench.names == ["a"]

    def test_a_parent_that_nobody_registered(self) -> None:
        """E10."""
        bench = Bench()
        parent = Urn("urn:pulumi:dev::proj::test:index:Group::nobody")
        run = bench.up(lambda client: client.resource("a", parent=parent))

        assert "could not find parent" in run.errors[0]


class TestDependencies:
    def test_output_values_carry_their_own(self) -> None:
        """E73, E76: dependencies inside values count for their property; the provider sees plain values."""
        bench = Bench()

        def program(client: Client) -> None:
            a = client.resource("a")
            value = OutputValue(value="v", secret=True, dependencies=(a.urn,))
            client.resource("b", {"x": [value]}, property_dependencies={})

        bench.up(program)

        assert bench.record("b").inputs == {"x": [Secret("v")]}
        assert bench.record("b").property_dependencies == {"x": (bench.record("a").urn,)}

package dev.patronus.cli.policy;

import dev.patronus.cli.command.Invocation;
import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Explanation;
import dev.patronus.policy.Policy;
import dev.patronus.policy.Verdict;
import dev.patronus.policy.match.Matcher;
import dev.patronus.route.Mesh;
import dev.patronus.route.PathScope;
import dev.patronus.route.PathScore;
import dev.patronus.route.PathSelection;
import dev.patronus.route.RoutingDecision;
import dev.patronus.site.Path;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.RoutingRows;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The decisions that some policies make with the paths of the database, by the daemon's rules.
///
/// Confined to the command's thread.
final class FlowRouting {
  private final List<Policy> policies;
  private final Matcher matcher;
  private final PathSelection selection;

  private FlowRouting(List<Policy> policies, PathSelection selection) {
    this.policies = policies;
    this.matcher = Matcher.compile(policies);
    this.selection = selection;
  }

  /// The decisions of the policies in the database.
  static FlowRouting ofDatabase(Invocation call) {
    RoutingRows rows = RoutingRows.read(call.database());
    return new FlowRouting(rows.policies(), paths(rows.mesh(), call));
  }

  /// The paths of the database that can be selected, with their latest metrics.
  static PathSelection paths(Mesh mesh, Invocation call) {
    Set<Long> usable =
        mesh.paths().stream().filter(Path::usable).map(Path::id).collect(Collectors.toSet());
    return new PathSelection(mesh, new PathTable(call.database()).of(usable));
  }

  /// The decisions of other policies with the same paths.
  FlowRouting with(List<Policy> others) {
    return new FlowRouting(others, selection);
  }

  RoutingDecision decide(FlowKey flow) {
    return selection.decide(matcher.policyFor(flow), PathScope.ALL);
  }

  /// The path of a decision; empty for none.
  static Optional<Long> path(RoutingDecision decision) {
    return decision.chosen().map(PathScore::path).map(Path::id);
  }

  /// The policies that a text names: those with this name, else that with this id.
  private List<Policy> named(String text) {
    List<Policy> named = policies.stream().filter(policy -> policy.name().equals(text)).toList();
    return named.isEmpty()
        ? policies.stream()
            .filter(policy -> Long.toUnsignedString(policy.id()).equals(text))
            .toList()
        : named;
  }

  /// Why a flow does not do what is expected; empty if it does.
  Optional<String> difference(FlowExpectation expected) {
    RoutingDecision decision = decide(expected.flow());
    Optional<Policy> taker = decision.policy();
    if (expected.policy().isEmpty()) {
      return taker.isPresent()
          ? Optional.of("policy '" + taker.get().name() + "' takes it")
          : differentPath(expected, decision);
    }
    List<Policy> wanted = named(expected.policy().get());
    if (wanted.isEmpty()) {
      return Optional.of("there is no policy '" + expected.policy().get() + "'");
    }
    return taker.isPresent() && wanted.contains(taker.get())
        ? differentPath(expected, decision)
        : Optional.of(whyNot(expected.flow(), wanted));
  }

  private String whyNot(FlowKey flow, List<Policy> wanted) {
    List<Verdict> verdicts = Explanation.of(flow, policies).verdicts();
    Predicate<Verdict> asked = verdict -> wanted.contains(verdict.policy());
    Verdict verdict = verdicts.stream().filter(asked).findFirst().orElseThrow();
    return verdict.change().isEmpty()
        ? "policy '" + verdict.policy().name() + "' " + verdict.reason()
        : verdict.change();
  }

  private Optional<String> differentPath(FlowExpectation expected, RoutingDecision decision) {
    if (expected.path().isEmpty() || expected.path().get().pathId().equals(path(decision))) {
      return Optional.empty();
    }
    return Optional.of(
        expected
            .path()
            .get()
            .pathId()
            .map(id -> whyNotPath(id, decision))
            .orElseGet(() -> "it has a path"));
  }

  private String whyNotPath(long id, RoutingDecision decision) {
    Optional<Path> path =
        selection.mesh().paths().stream().filter(each -> each.id() == id).findFirst();
    if (path.isEmpty()) {
      return "there is no path " + id;
    }
    if (!path.get().usable()) {
      return "path " + id + " is " + path.get().status().text();
    }
    return switch (decision) {
      case RoutingDecision.Routed(_, PathScore best) ->
          "path " + best.path().id() + " scores better, or as well with a lower id";
      case RoutingDecision.Unmatched _ -> "no policy matches it, so it has no path";
      case RoutingDecision.PreferenceUnreadable(_, String problem) ->
          "the policy's path preference cannot be read: " + problem;
      case RoutingDecision.NoPath _ -> "no path is up or degraded";
    };
  }

  /// A decision as a test line writes it: `voice via path 7`.
  static String text(RoutingDecision decision) {
    return decision.policy().map(Policy::name).orElse("unmatched")
        + path(decision).map(id -> " via path " + id).orElse(" via none");
  }
}

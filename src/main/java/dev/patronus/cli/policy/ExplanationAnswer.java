package dev.patronus.cli.policy;

import static java.util.stream.Collectors.toSet;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.HostPort;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.Verdict;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.route.ExplanationDocument;
import dev.patronus.route.ExplanationDocument.Candidate;
import dev.patronus.route.ExplanationDocument.Considered;
import dev.patronus.route.Metric;
import dev.patronus.route.PathMetrics;
import dev.patronus.route.PathScope;
import dev.patronus.route.ScoreComponent;
import dev.patronus.site.Path;
import dev.patronus.store.table.PathTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// An explanation as an answer, wherever it came from: all of it for programs, the part that a
/// person can take in for people.
final class ExplanationAnswer {
  private static final int PATHS_SHOWN = 5;
  private static final int POLICIES_SHOWN = 5;
  private static final int PATHS_READ = 10_000;

  /// Why a policy does not take the flow.
  ///
  /// @param policy its name; empty below the first of its reasons
  private record Reason(String policy, String text) {}

  private final ExplanationDocument explanation;
  private final boolean live;
  private final Map<String, String> names;
  private final Invocation call;
  private final Answer answer = new Answer();

  /// @param live whether the daemon gave it
  /// @param names of the sites by their ids
  ExplanationAnswer(
      ExplanationDocument explanation, boolean live, Map<String, String> names, Invocation call) {
    this.explanation = explanation;
    this.live = live;
    this.names = names;
    this.call = call;
  }

  Answer answer() {
    answer.member("source", live ? "daemon" : "database");
    if (call.format() == Format.TABLE) {
      forPeople();
    } else {
      explanation.json().members().forEach(this::forPrograms);
    }
    return answer;
  }

  private void forPrograms(String name, Json value) {
    if (name.equals("candidates")) {
      answer.table(candidates(List.of(Metric.values())));
    } else {
      answer.member(name, value);
    }
  }

  private void forPeople() {
    answer.facts("explanation", "", facts());
    paths();
    policies();
    changes();
  }

  private Map<Heading, Object> facts() {
    Map<Heading, Object> facts = new LinkedHashMap<>();
    facts.put(Heading.of("flow", Kind.TEXT), flow());
    Optional<ExplanationDocument.Taker> policy = explanation.policy();
    facts.put(
        Heading.of("policy", Kind.TEXT),
        policy.map(taker -> taker.name() + ", priority " + taker.priority()).orElse("none"));
    policy.ifPresent(taker -> {
      facts.put(Heading.of("matches", Kind.TEXT), taker.matches());
      facts.put(Heading.of("prefers", Kind.TEXT), PolicyTexts.prefers(taker.prefers()));
    });
    facts.put(
        Heading.of("path", Kind.TEXT),
        explanation.path().map(Candidate::path).map(this::path).orElse("none"));
    facts.put(Heading.of("because", Kind.TEXT), explanation.reason());
    facts.put(Heading.of("answered", Kind.TEXT), source());
    return facts;
  }

  private String flow() {
    FlowKey flow = explanation.flow();
    return ProtocolName.of(flow.protocol())
        + " "
        + end(flow.src(), flow.srcPort())
        + " to "
        + end(flow.dst(), flow.dstPort())
        + icmp(flow)
        + " ("
        + explanation.application()
        + ")";
  }

  private static String icmp(FlowKey flow) {
    return flow.protocol() == FlowKey.ICMP || flow.protocol() == FlowKey.ICMPV6
        ? ", type " + (flow.dstPort() >> 8) + " code " + (flow.dstPort() & 0xff)
        : "";
  }

  private static String end(IpAddress address, int port) {
    return port == 0 ? address.toString() : new HostPort(address.toString(), port).toString();
  }

  private String path(Path path) {
    return path.id()
        + ", "
        + PathTexts.siteName(names, path.srcSiteId())
        + " to "
        + PathTexts.siteName(names, path.dstSiteId())
        + path.wgInterface().map(over -> " over " + over).orElse("");
  }

  private String source() {
    if (!live) {
      return "database (no daemon running)";
    }
    if (!explanation.cached()) {
      return "daemon (computed now)";
    }
    long seconds = (long) explanation.ageSeconds();
    return "daemon (from its routing cache, computed " + HumanFormat.seconds(seconds) + " ago)";
  }

  private void paths() {
    List<Candidate> all = explanation.candidates();
    long total = explanation.candidatesTotal();
    Table<Candidate> table = candidates(figures(all)).first(PATHS_SHOWN);
    answer.table(table);
    more(
        total - table.rows().size(),
        all.size() == total ? "all" : "the first " + all.size(),
        "of " + HumanFormat.grouped(total) + " candidates",
        "of " + HumanFormat.grouped(total) + " candidates");
    anySite(all);
    long unusable = explanation.unusableTotal();
    if (unusable > 0 && !all.isEmpty()) {
      answer.say(excluded(unusable, total));
    }
    List<String> cutOff =
        explanation.cutOffSites().stream().map(id -> PathTexts.siteName(names, id)).toList();
    if (!cutOff.isEmpty()) {
      answer.say("Unreachable sites (all paths down): " + first(cutOff) + ".");
    }
  }

  /// The paths that are no candidates. Where there are very many, reading them once more to name
  /// some takes too long.
  private String excluded(long unusable, long candidates) {
    List<String> named =
        unusable + candidates > PATHS_READ
            ? List.of()
            : new PathTable(call.database())
                .mesh().paths().stream()
                    .filter(each -> !each.usable() && explanation.scope().contains(each))
                    .limit(Math.min(unusable, PATHS_SHOWN))
                    .map(each -> "path " + path(each))
                    .toList();
    long more = unusable - named.size();
    String rest = HumanFormat.grouped(more) + (named.isEmpty() ? "" : " more");
    return "Excluded because down: "
        + String.join("; ", named)
        + (more > 0 ? (named.isEmpty() ? "" : "; ") + rest : "")
        + ".";
  }

  /// Says what would narrow candidates that begin at several sites.
  private void anySite(List<Candidate> candidates) {
    boolean open = explanation.scope().equals(PathScope.ALL);
    if (open && candidates.stream().map(each -> each.path().srcSiteId()).distinct().count() > 1) {
      answer.say("The paths of all sites are candidates; use --from and --to to restrict them.");
    }
  }

  private static String first(List<String> sites) {
    List<String> shown = sites.subList(0, Math.min(PATHS_SHOWN, sites.size()));
    int more = sites.size() - shown.size();
    return String.join(", ", shown) + (more > 0 ? " and " + more + " more" : "");
  }

  /// @param listed how many of all a program would see
  private void more(long count, String listed, String one, String several) {
    if (count > 0) {
      answer.say(
          HumanFormat.grouped(count)
              + " more "
              + (count == 1 ? one : several)
              + "; --json shows "
              + listed
              + ".");
    }
  }

  /// The metrics that the scores are made of.
  private static List<Metric> figures(List<Candidate> candidates) {
    Set<Metric> used =
        candidates.stream()
            .flatMap(candidate -> candidate.parts().stream())
            .map(ScoreComponent::figure)
            .collect(toSet());
    return Arrays.stream(Metric.values()).filter(used::contains).toList();
  }

  private Table<Candidate> candidates(List<Metric> figures) {
    List<Column<Candidate>> columns = new ArrayList<>();
    columns.add(Column.of("path_id", "PATH", Kind.ID, each -> Long.toString(each.path().id())));
    columns.add(
        Column.of("src_site_name", "FROM", Kind.TEXT, each -> site(each.path().srcSiteId())));
    columns.add(Column.of("dst_site_name", "TO", Kind.TEXT, each -> site(each.path().dstSiteId())));
    columns.add(Column.of("status", Kind.STATUS, each -> each.path().status().text()));
    columns.add(Column.of("score", "POLICY SCORE", Kind.NUMBER, Candidate::score));
    figures.forEach(figure -> columns.add(column(figure)));
    columns.add(
        Column.detail(
            "measured_at", Kind.TIME, each -> each.metrics().map(PathMetrics::measuredAt)));
    columns.add(Column.detail("parts", Kind.TEXT, each -> new Json.Arr(each.partsJson())));
    columns.add(Column.detail("wg_interface", Kind.TEXT, each -> each.path().wgInterface()));
    columns.add(Column.detail("src_endpoint", Kind.TEXT, each -> each.path().srcEndpoint()));
    columns.add(Column.detail("dst_endpoint", Kind.TEXT, each -> each.path().dstEndpoint()));
    columns.add(Column.detail("src_site_id", Kind.ID, each -> each.path().srcSiteId()));
    columns.add(Column.detail("dst_site_id", Kind.ID, each -> each.path().dstSiteId()));
    return Table.of("candidates", columns, explanation.candidates());
  }

  private static Column<Candidate> column(Metric figure) {
    return switch (figure) {
      case LATENCY -> measured(PathTexts.LATENCY.heading(), PathMetrics::latencyMs);
      case JITTER -> measured(PathTexts.JITTER.heading(), PathMetrics::jitterMs);
      case LOSS -> measured(PathTexts.LOSS.heading(), PathMetrics::packetLossPct);
      case BANDWIDTH -> measured(PathTexts.BANDWIDTH.heading(), PathMetrics::bandwidthMbps);
      case COST ->
          Column.of("cost_per_gb", "PER GB", Kind.NUMBER, each -> finite(each.costPerGb()));
    };
  }

  private static Column<Candidate> measured(Heading heading, ToDoubleFunction<PathMetrics> value) {
    return new Column<>(
        heading, each -> finite(each.metrics().stream().mapToDouble(value).findFirst()));
  }

  private static OptionalDouble finite(OptionalDouble value) {
    return value.stream().filter(Double::isFinite).findFirst();
  }

  private String site(String id) {
    return PathTexts.siteName(names, id);
  }

  /// The policies that were asked before the one that takes the flow: those that came nearest, each
  /// with all that did not fit.
  private void policies() {
    List<Considered> all = explanation.policies();
    List<Considered> before =
        all.stream().takeWhile(each -> each.outcome() != Verdict.Outcome.TAKES).toList();
    boolean taken = before.size() < all.size();
    Set<Considered> nearest =
        before.stream()
            .sorted(Comparator.comparingLong(ExplanationAnswer::distance))
            .limit(POLICIES_SHOWN)
            .collect(toSet());
    List<Column<Reason>> columns =
        List.of(
            Column.of(
                "name", taken ? "HIGHER-PRIORITY POLICY" : "POLICY", Kind.TEXT, Reason::policy),
            Column.of("reason", "REASON NOT MATCHED", Kind.TEXT, Reason::text));
    List<Reason> reasons =
        before.stream().filter(nearest::contains).flatMap(ExplanationAnswer::reasons).toList();
    if (!before.isEmpty()) {
      answer.table(Table.of("policies", columns, reasons));
    }
    more(
        explanation.policiesBefore() - nearest.size(),
        all.size() == explanation.policiesTotal() ? "all" : "the nearest " + all.size(),
        "policy that did not match",
        "policies that did not match");
    if (all.isEmpty()) {
      answer.say("There are no policies.");
    }
  }

  /// Fewer changes are nearer, and of as many the smaller ones.
  private static long distance(Considered policy) {
    int changes =
        policy.mismatches().size() + (policy.outcome() == Verdict.Outcome.DIFFERS ? 0 : 1);
    return ((long) changes << Integer.SIZE) + policy.distance();
  }

  private static Stream<Reason> reasons(Considered policy) {
    List<String> reasons = new ArrayList<>();
    if (policy.outcome() != Verdict.Outcome.DIFFERS) {
      reasons.add(policy.reason());
    }
    policy.mismatches().forEach(mismatch -> reasons.add(mismatch.reason()));
    return IntStream.range(0, reasons.size())
        .mapToObj(i -> new Reason(i == 0 ? policy.name() : "", reasons.get(i)));
  }

  private void changes() {
    List<String> changes = explanation.changes();
    if (!changes.isEmpty()) {
      if (answer.parts().getLast() instanceof Answer.Sentence) {
        answer.say("");
      }
      answer.say("What would change it:");
      changes.forEach(change -> answer.say("- " + change));
    }
  }
}

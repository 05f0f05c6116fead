package dev.patronus.cli.policy;

import static java.util.stream.Collectors.toSet;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.flow.HostPort;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An explanation as an answer, wherever it came from: all of it for programs, the part that a
/// person can take in for people.
final class ExplanationAnswer {
  private static final int PATHS_SHOWN = 5;
  private static final int POLICIES_SHOWN = 5;

  /// A number that a candidate's score is made of, and its heading.
  private record Figure(String word, Heading heading) {}

  private static final List<Figure> FIGURES =
      List.of(
          new Figure("latency", PathTexts.LATENCY.heading()),
          new Figure("jitter", PathTexts.JITTER.heading()),
          new Figure("loss", PathTexts.LOSS.heading()),
          new Figure("bandwidth", PathTexts.BANDWIDTH.heading()),
          new Figure("cost", Heading.of("cost_per_gb", "PER GB", Kind.NUMBER)));

  /// Why a policy does not take the flow.
  ///
  /// @param policy its name; empty below the first of its reasons
  private record Reason(String policy, String text) {}

  private final Json.Obj explanation;
  private final boolean live;
  private final Map<String, String> names;
  private final Invocation call;
  private final Answer answer = new Answer();

  /// @param explanation as [dev.patronus.route.ExplanationDocument] writes it
  /// @param live whether the daemon gave it
  /// @param names of the sites by their ids
  ExplanationAnswer(
      Json.Obj explanation, boolean live, Map<String, String> names, Invocation call) {
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
      explanation.members().forEach(this::forPrograms);
    }
    return answer;
  }

  private void forPrograms(String name, Json value) {
    if (name.equals("candidates")) {
      answer.table(candidates(objects("candidates"), FIGURES));
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
    Optional<Json.Obj> policy = object("policy");
    facts.put(
        Heading.of("policy", Kind.TEXT),
        policy.map(p -> p.text("name") + ", priority " + p.integer("priority")).orElse("none"));
    policy.ifPresent(p -> {
      facts.put(Heading.of("matches", Kind.TEXT), p.text("matches"));
      facts.put(Heading.of("prefers", Kind.TEXT), PolicyTexts.prefers(p.text("prefers")));
    });
    facts.put(Heading.of("path", Kind.TEXT), object("path").map(this::path).orElse("none"));
    facts.put(Heading.of("because", Kind.TEXT), explanation.text("reason"));
    facts.put(Heading.of("answered", Kind.TEXT), source());
    return facts;
  }

  private String flow() {
    Json.Obj flow = explanation.object("flow");
    return flow.text("protocol")
        + " "
        + end(flow, "src")
        + " to "
        + end(flow, "dst")
        + icmp(flow)
        + " ("
        + flow.text("application_class")
        + ")";
  }

  private static String icmp(Json.Obj flow) {
    long port = flow.integer("dst_port");
    return flow.text("protocol").startsWith("icmp")
        ? ", type " + (port >> 8) + " code " + (port & 0xff)
        : "";
  }

  private static String end(Json.Obj flow, String side) {
    String address = flow.text(side + "_ip");
    long port = flow.integer(side + "_port");
    if (port == 0) {
      return address;
    }
    return new HostPort(address, port).toString();
  }

  private String path(Json.Obj path) {
    String over =
        path.find("wg_interface").map(_ -> " over " + path.text("wg_interface")).orElse("");
    return path.text("path_id")
        + ", "
        + PathTexts.siteName(names, path.text("src_site_id"))
        + " to "
        + PathTexts.siteName(names, path.text("dst_site_id"))
        + over;
  }

  private String source() {
    if (!live) {
      return "database (no daemon running)";
    }
    if (!explanation.bool("cached")) {
      return "daemon (computed now)";
    }
    long seconds = (long) explanation.number("age_seconds").toDouble();
    return "daemon (from its routing cache, computed " + HumanFormat.seconds(seconds) + " ago";
  }

  private void paths() {
    List<Json.Obj> all = objects("candidates");
    List<Json.Obj> shown = all.subList(0, Math.min(PATHS_SHOWN, all.size()));
    answer.table(candidates(shown, figures(all)));
    more(
        total("candidates") - shown.size(),
        all.size() == total("candidates") ? "all" : "the first " + all.size(),
        "candidate",
        "candidates");
    anySite(all);
    long unusable = total("unusable");
    if (unusable > 0 && !all.isEmpty()) {
      answer.say(unusable == 1 ? "1 path excluded: down." : unusable + " paths excluded: down.");
    }
    List<String> cutOff =
        texts("cut_off_sites").stream().map(id -> PathTexts.siteName(names, id)).toList();
    if (!cutOff.isEmpty()) {
      answer.say("Unreachable sites (all paths down): " + first(cutOff) + ".");
    }
  }

  /// Says what would narrow candidates that begin at several sites.
  private void anySite(List<Json.Obj> candidates) {
    Json.Obj flow = explanation.object("flow");
    boolean open = flow.find("from_site_id").isEmpty() && flow.find("to_site_id").isEmpty();
    if (open && candidates.stream().map(c -> c.text("src_site_id")).distinct().count() > 1) {
      answer.say("The paths of all sites are candidates; use --from and --to to restrict them.");
    }
  }

  private static String first(List<String> sites) {
    List<String> shown = sites.subList(0, Math.min(PATHS_SHOWN, sites.size()));
    int more = sites.size() - shown.size();
    return String.join(", ", shown) + (more > 0 ? " and " + more + " more" : "");
  }

  private long total(String name) {
    return explanation.integer(name + "_total");
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

  /// The numbers that the scores are made of.
  private static List<Figure> figures(List<Json.Obj> candidates) {
    Set<String> words =
        candidates.stream()
            .flatMap(candidate -> candidate.list("parts").stream())
            .map(part -> ((Json.Obj) part).text("figure"))
            .collect(toSet());
    return FIGURES.stream().filter(figure -> words.contains(figure.word())).toList();
  }

  private Table<Json.Obj> candidates(List<Json.Obj> candidates, List<Figure> figures) {
    List<Column<Json.Obj>> columns = new ArrayList<>();
    columns.add(Column.of("path_id", "PATH", Kind.ID, path -> path.text("path_id")));
    columns.add(Column.of("src_site_name", "FROM", Kind.TEXT, path -> site(path, "src_site_id")));
    columns.add(Column.of("dst_site_name", "TO", Kind.TEXT, path -> site(path, "dst_site_id")));
    columns.add(Column.of("status", Kind.STATUS, path -> path.text("status")));
    columns.add(
        Column.of("score", "POLICY SCORE", Kind.NUMBER, path -> path.number("score").toDouble()));
    figures.forEach(figure ->
        columns.add(new Column<>(figure.heading(), path -> number(path, figure.heading().name()))));
    columns.add(
        Column.detail(
            "measured_at", Kind.TIME, path -> text(path, "measured_at").map(Instant::parse)));
    columns.add(Column.detail("parts", Kind.TEXT, path -> new Json.Arr(path.list("parts"))));
    columns.add(Column.detail("wg_interface", Kind.TEXT, path -> text(path, "wg_interface")));
    columns.add(Column.detail("src_endpoint", Kind.TEXT, path -> path.text("src_endpoint")));
    columns.add(Column.detail("dst_endpoint", Kind.TEXT, path -> path.text("dst_endpoint")));
    columns.add(Column.detail("src_site_id", Kind.ID, path -> path.text("src_site_id")));
    columns.add(Column.detail("dst_site_id", Kind.ID, path -> path.text("dst_site_id")));
    return Table.of("candidates", columns, candidates);
  }

  private String site(Json.Obj path, String id) {
    return PathTexts.siteName(names, path.text(id));
  }

  /// The policies that were asked before the one that takes the flow: those that came nearest, each
  /// with all that did not fit.
  private void policies() {
    List<Json.Obj> all = objects("policies");
    List<Json.Obj> before =
        all.stream().takeWhile(verdict -> !verdict.text("outcome").equals("takes")).toList();
    boolean taken = before.size() < all.size();
    long asked = explanation.integer("policies_before");
    Set<Json.Obj> nearest =
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
        asked - nearest.size(),
        all.size() == total("policies") ? "all" : "the nearest " + all.size(),
        "policy that did not match",
        "policies that did not match");
    if (all.isEmpty()) {
      answer.say("There are no policies.");
    }
  }

  /// Fewer changes are nearer, and of as many the smaller ones.
  private static long distance(Json.Obj verdict) {
    int changes =
        verdict.list("mismatches").size() + (verdict.text("outcome").equals("differs") ? 0 : 1);
    long size = verdict.find("distance").map(_ -> verdict.integer("distance")).orElse(0L);
    return ((long) changes << Integer.SIZE) + size;
  }

  private static Stream<Reason> reasons(Json.Obj verdict) {
    List<String> reasons = new ArrayList<>();
    if (!verdict.text("outcome").equals("differs")) {
      reasons.add(verdict.text("reason"));
    }
    verdict
        .list("mismatches")
        .forEach(mismatch -> reasons.add(((Json.Obj) mismatch).text("reason")));
    return IntStream.range(0, reasons.size())
        .mapToObj(i -> new Reason(i == 0 ? verdict.text("name") : "", reasons.get(i)));
  }

  private void changes() {
    List<String> changes = texts("changes");
    if (!changes.isEmpty()) {
      if (answer.parts().getLast() instanceof Answer.Sentence) {
        answer.say("");
      }
      answer.say("What would change it:");
      changes.forEach(change -> answer.say("- " + change));
    }
  }

  private Optional<Json.Obj> object(String name) {
    return explanation.find(name).map(Json.Obj.class::cast);
  }

  private List<Json.Obj> objects(String name) {
    return explanation.list(name).stream().map(Json.Obj.class::cast).toList();
  }

  private List<String> texts(String name) {
    return explanation.list(name).stream().map(text -> ((Json.Text) text).value()).toList();
  }

  private static Optional<String> text(Json.Obj json, String name) {
    return json.find(name).map(_ -> json.text(name));
  }

  private static @Nullable Double number(Json.Obj json, String name) {
    return json.find(name).map(_ -> json.number(name).toDouble()).orElse(null);
  }
}

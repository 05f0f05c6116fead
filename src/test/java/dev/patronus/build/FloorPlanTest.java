package dev.patronus.build;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Compares the package dependencies with the plan: which package may use which, and which library
/// belongs where.
class FloorPlanTest {

  /// The packages in the order of their dependencies: each may use packages above it only, so there
  /// is no cycle. After the first bar, the packages that it uses; after the second, what it uses of
  /// libraries and of the JDK besides [#FREE].
  private static final String PLAN =
      """
      error                   |  |
      flow                    |  |
      metrics                 |  |
      thread                  | error metrics |
      time                    | error |
      json                    |  | tools.jackson.core
      file                    | VALUES | java.nio.channels java.nio.file
      policy.rule             | VALUES |
      policy                  | VALUES policy.rule |
      policy.match            | VALUES policy policy.rule |
      alert                   | VALUES policy |
      flow.filter             | VALUES policy |
      collect.table           | VALUES |
      collect                 | VALUES collect.table file flow.filter policy policy.match | java.lang.foreign java.nio.channels java.nio.file
      history                 | VALUES |
      history.tier            | VALUES history |
      history.plan            | VALUES history history.tier |
      site.failover           | VALUES |
      site                    | VALUES site.failover |
      site.history            | VALUES history site |
      route                   | VALUES policy policy.match policy.rule site | com.github.benmanes.caffeine.cache
      audit                   | VALUES |
      control.answer          | VALUES |
      source.netflow.wire     |  |
      doctor                  | VALUES control.answer source.netflow.wire |
      role                    | VALUES |
      libc                    |  | java.lang.foreign java.net java.nio.file
      probe                   | error libc | java.net java.nio.channels
      source                  | VALUES file | java.net java.nio.channels java.nio.file
      source.pcap             | VALUES file source | java.nio.channels java.nio.file
      source.netflow.template | source.netflow.wire |
      source.netflow.exporter | VALUES source.netflow.template source.netflow.wire |
      source.netflow          | VALUES file libc source source.netflow.exporter source.netflow.template source.netflow.wire source.pcap | java.net java.nio.channels java.nio.file
      source.sflow            | VALUES source source.netflow source.netflow.exporter source.netflow.template source.netflow.wire source.pcap |
      source.conntrack        | VALUES libc source | java.net java.nio.file
      fleet.address           | VALUES | java.net java.nio.file
      config                  | VALUES alert fleet.address history history.tier role site source | java.net java.nio.file
      control                 | VALUES flow.filter policy | java.net java.nio.channels java.nio.file jdk.net
      output.table            |  |
      output.text             | VALUES history output.table |
      output.row              | VALUES output.table output.text | tools.jackson.core tools.jackson.dataformat.csv
      output                  | VALUES output.row output.table output.text |
      output.file             | VALUES file output.row | com.fasterxml.jackson.annotation java.nio.file tools.jackson.core tools.jackson.databind
      output.html             | VALUES history output.table output.text |
      notify                  | VALUES alert config output.table output.text | java.net java.nio.file
      store                   | VALUES audit file output.text | java.nio.file java.sql org.jdbi org.sqlite
      store.rollup            | VALUES alert audit history history.tier store | java.sql
      store.table             | VALUES alert audit history policy policy.rule route site site.failover store store.rollup | java.sql org.jdbi
      store.foreignkey        | store | java.sql
      store.deletion          | VALUES audit policy site site.failover store store.foreignkey | java.sql org.jdbi org.sqlite
      store.outbox            | VALUES audit store | java.sql org.jdbi
      store.guard             | VALUES audit site store store.deletion store.foreignkey | java.sql org.jdbi
      store.scan              | VALUES history.plan output.row output.table store store.deletion | java.sql org.sqlite
      store.history           | VALUES history history.plan history.tier output.row output.table site site.history store store.rollup store.scan | java.sql
      store.retention         | VALUES audit history history.tier output.text store store.rollup | java.nio.file java.sql org.jdbi
      store.maintenance       | VALUES audit file history history.tier output.text policy policy.rule site site.failover store store.foreignkey store.guard store.retention store.rollup store.table | java.nio.channels java.nio.file java.sql org.jdbi org.sqlite
      fleet                   | VALUES audit fleet.address history.tier store store.outbox store.table | java.net java.nio.channels java.nio.file java.sql java.util.logging javax.net org.jdbi org.postgresql
      fleet.read              | VALUES fleet fleet.address history history.plan history.tier output.row policy policy.rule site store store.history store.maintenance store.rollup store.scan store.table | java.sql org.jdbi
      daemon.process          | VALUES file libc source | java.net java.nio.file java.util.logging
      daemon.fleet            | VALUES audit control.answer daemon.process fleet fleet.address store store.outbox | java.nio.file
      daemon.source           | VALUES collect config daemon.process source source.conntrack source.netflow source.netflow.exporter source.pcap source.sflow store store.table | java.nio.file
      daemon.alert            | VALUES alert config daemon.process history notify policy route site store store.rollup store.table | java.nio.file
      daemon.snapshot         | VALUES alert audit collect config daemon.alert daemon.process daemon.source flow.filter history history.tier policy policy.match policy.rule route site source.pcap store store.deletion store.guard store.retention store.rollup store.table | java.nio.file
      daemon.metrics          | VALUES alert control daemon.alert daemon.process policy route | com.sun.net.httpserver io.prometheus java.net
      daemon                  | VALUES audit collect config control control.answer daemon.alert daemon.fleet daemon.metrics daemon.process daemon.snapshot daemon.source file flow.filter libc policy role route site source source.conntrack source.netflow source.netflow.exporter source.netflow.wire source.pcap store store.table | java.net java.nio.file
      shell                   | VALUES file | java.nio.file org.jline
      cli.terminal            | audit role store | java.nio.file
      cli.command             | VALUES audit cli.terminal config control output output.table output.text role shell store | java.nio.file picocli
      cli.option              | VALUES cli.command cli.terminal config file fleet.address fleet.read flow.filter history history.plan output output.file output.table output.text policy site store store.history store.maintenance store.retention store.table | java.nio.file
      cli.help                | VALUES cli.command config output.text | java.nio.file picocli
      cli.complete            | VALUES alert cli.command cli.terminal config control control.answer fleet fleet.address output.text store store.table | java.nio.file picocli
      cli.traffic             | VALUES cli.command cli.option control fleet.read history output output.table output.text policy store store.table | java.nio.file
      cli.watch               | VALUES cli.command cli.option cli.terminal cli.traffic history output output.row output.table output.text policy | org.jline
      cli.alert               | VALUES alert audit cli.command cli.option cli.watch config notify output output.table output.text role store store.table | java.nio.file
      cli.daemon              | VALUES cli.command cli.option cli.terminal cli.watch config control control.answer doctor file history.tier libc output output.file output.table output.text policy policy.rule role site site.failover store store.maintenance store.retention store.rollup store.table | java.nio.file
      cli.stats               | VALUES alert cli.command cli.option cli.terminal cli.traffic cli.watch config control flow.filter history history.plan output output.table output.text policy policy.rule role store store.history store.rollup store.table |
      cli.path                | VALUES audit cli.command cli.option cli.terminal cli.watch control history libc output output.table output.text policy probe role route site site.failover site.history store store.history store.table | java.net
      cli.failover            | VALUES cli.command cli.option cli.path cli.terminal cli.watch output output.table policy site site.failover store store.table |
      cli.deletion            | VALUES audit cli.command cli.option cli.watch config output output.table output.text policy role site site.failover store store.deletion | java.nio.file
      cli.policy              | VALUES cli.command cli.deletion cli.option cli.path cli.traffic cli.watch control flow.filter output output.table output.text policy policy.match policy.rule route site store store.table | java.nio.file tools.jackson.core tools.jackson.databind
      cli.site                | VALUES audit cli.command cli.deletion cli.option cli.path cli.watch config output output.table output.text policy site site.failover store store.table |
      cli.export              | VALUES cli.command cli.option cli.stats cli.terminal control file fleet.read flow.filter history history.plan output output.file output.row output.table output.text policy store store.history store.scan store.table | java.nio.channels java.nio.file
      cli.report              | VALUES cli.command cli.export cli.option cli.stats cli.terminal control file flow.filter history history.plan output output.file output.html output.table output.text policy policy.rule store store.history store.table | java.nio.file
      cli.db                  | VALUES audit cli.command cli.option cli.watch config history history.tier output output.table output.text role site store store.guard store.maintenance store.retention store.rollup | java.nio.file
      cli.fleet               | VALUES cli.command cli.option cli.watch config fleet fleet.address history.tier output output.table output.text | java.nio.file
      cli                     | VALUES audit cli.alert cli.command cli.complete cli.daemon cli.db cli.deletion cli.export cli.failover cli.fleet cli.help cli.option cli.path cli.policy cli.report cli.site cli.stats cli.terminal config control control.answer daemon daemon.process file history history.tier libc output output.row output.table output.text role shell site store store.maintenance | java.nio.channels java.nio.file java.util.logging org.jline picocli
      Main                    | VALUES cli cli.command cli.terminal store | java.nio.file
      """;

  private static final int LARGEST_PACKAGE = 20;

  /// What every package may use.
  private static final String VALUES = "error flow json metrics thread time";

  /// What of the JDK touches nothing outside of the program, and the annotations of nullness;
  /// files, sockets, loggers, native code and SQL are given by name.
  private static final Pattern FREE =
      Pattern.compile(
          "java\\.(io|lang(?!\\.foreign)|math|nio(?!\\.file|\\.channels)|security|text|time"
              + "|util(?!\\.logging))\\b.*|org\\.jspecify\\.annotations\\..*");

  private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+)[;<]");
  private static final Pattern DESCRIPTOR = Pattern.compile("[(<\\[]*[BCDFIJSZVL(].*");

  private record Floor(String name, Set<String> ours, List<String> others) {

    static Floor of(String line) {
      String[] parts = line.split("\\|", -1);
      Set<String> ours = Set.of(words(parts[1].replace("VALUES", VALUES)));
      return new Floor(
          parts[0].strip(), ours, parts.length > 2 ? List.of(words(parts[2])) : List.of());
    }

    private static String[] words(String text) {
      return text.isBlank() ? new String[0] : text.strip().split("\\s+", -1);
    }

    boolean sees(String type) {
      if (type.startsWith("dev.patronus.")) {
        String used = packageOf(type);
        return used.equals(name) || ours.contains(used);
      }
      return FREE.matcher(type).matches()
          || others.stream().anyMatch(o -> type.startsWith(o + "."));
    }
  }

  private static final Map<String, Floor> FLOORS =
      PLAN.lines().map(Floor::of).collect(toMap(Floor::name, floor -> floor));

  private static String packageOf(String type) {
    String name = type.substring("dev.patronus.".length());
    int end = name.lastIndexOf('.');
    return end < 0 ? "Main" : name.substring(0, end);
  }

  @Test
  void every_class_uses_only_what_the_plan_allows_its_package() throws IOException {
    Set<String> complaints = new TreeSet<>();
    for (ClassModel model : classes()) {
      String name = dotted(model.thisClass().asInternalName());
      Floor floor = FLOORS.get(packageOf(name));
      if (floor == null) {
        complaints.add(name + " is in a package that the plan does not have");
        continue;
      }
      seenBy(model).stream()
          .filter(type -> !floor.sees(type))
          .forEach(type -> complaints.add("%s uses %s".formatted(name, type)));
    }
    assertEquals("", String.join("\n", complaints), "the plan is in this test");
  }

  @Test
  void the_plan_has_no_cycle() {
    List<String> order = PLAN.lines().map(line -> Floor.of(line).name()).toList();
    for (Floor floor : FLOORS.values()) {
      for (String seen : floor.ours()) {
        assertTrue(
            order.indexOf(seen) < order.indexOf(floor.name()),
            () -> "%s may not use %s, which is below it in the plan".formatted(floor.name(), seen));
      }
    }
  }

  @Test
  void every_package_is_documented() throws IOException {
    Set<Path> folders;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      folders =
          files.filter(f -> f.toString().endsWith(".java")).map(Path::getParent).collect(toSet());
    }
    for (Path folder : folders) {
      Path documentation = folder.resolve("package-info.java");
      assertTrue(Files.exists(documentation), () -> folder + " has no package-info.java");
      String text = Files.readString(documentation).replaceAll("\\s*///\\s*", " ");
      for (String sentence : List.of("In: ", "Out: ", "Never knows: ")) {
        assertTrue(
            text.contains(sentence), () -> documentation + " does not say '" + sentence + "'");
      }
    }
  }

  @Test
  void no_package_has_more_than_twenty_classes() throws IOException {
    Map<Path, Long> sizes;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      sizes =
          files
              .filter(f -> f.toString().endsWith(".java"))
              .filter(f -> !f.endsWith("package-info.java"))
              .collect(groupingBy(Path::getParent, counting()));
    }
    sizes.values().removeIf(size -> size <= LARGEST_PACKAGE);
    assertEquals(Map.of(), sizes);
  }

  private static List<ClassModel> classes() throws IOException {
    List<ClassModel> models = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("target/classes"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        models.add(ClassFile.of().parse(file));
      }
    }
    models.sort(Comparator.comparing(model -> model.thisClass().asInternalName()));
    return models;
  }

  /// The types that a class names: in its code, its fields, its signatures and its annotations.
  private static Set<String> seenBy(ClassModel model) {
    Set<String> types = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case ClassEntry type when !type.asInternalName().startsWith("[") ->
            types.add(dotted(type.asInternalName()));
        case Utf8Entry text when DESCRIPTOR.matcher(text.stringValue()).matches() ->
            CLASS_IN_DESCRIPTOR
                .matcher(text.stringValue())
                .results()
                .map((MatchResult found) -> dotted(found.group(1)))
                .filter(type -> type.contains("."))
                .forEach(types::add);
        default -> {}
      }
    }
    return types;
  }

  private static String dotted(String internalName) {
    return internalName.replace('/', '.');
  }
}

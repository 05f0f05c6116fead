package dev.patronus.build;

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

/// Holds the floor plan against the code: which room sees which, and which library lives where.
class FloorPlanTest {

  /// The rooms from the left of the house to its doors: each sees rooms above it only, so nothing
  /// comes back. After the bar, what it sees of libraries and of the JDK besides [#FREE].
  private static final String PLAN =
      """
      error    |
      flow     |
      metrics  |
      thread   | error metrics |
      time     | error |
      json     | error | tools.jackson.core
      file     | error | java.nio.channels java.nio.file
      cache    | metrics | com.github.benmanes.caffeine.cache
      policy   | VALUES |
      collect  | VALUES file policy | java.lang.foreign java.nio.channels java.nio.file
      history  | VALUES |
      site     | VALUES |
      route    | VALUES cache policy site |
      audit    | VALUES policy site |
      export   | VALUES history |
      report   | VALUES export history |
      delivery | VALUES export file | java.nio.channels java.nio.file
      store    | VALUES audit export file history policy route site | java.nio.file java.sql org.sqlite
      diagnosis | VALUES |
      libc     | | java.lang.foreign java.nio.file
      source   | VALUES file libc | java.net java.nio.channels java.nio.file
      config   | VALUES history source | java.net java.nio.file
      control  | VALUES audit collect history libc policy route site | java.net java.nio.channels java.nio.file jdk.net
      daemon   | VALUES audit cache collect config control file history libc policy route site source store | \
      com.sun.net.httpserver io.prometheus java.net java.nio.channels java.nio.file java.util.logging
      shell    | VALUES file | java.nio.file org.jline
      cli      | VALUES audit cache config control daemon delivery diagnosis export file history policy report route shell site store | \
      java.nio.file org.jline picocli
      Main     | VALUES cli store | java.nio.file
      """;

  /// What every room past them may see.
  private static final String VALUES = "error flow json metrics thread time";

  /// What of the JDK touches nothing outside of the program; files, sockets, loggers, native code
  /// and SQL are given by name.
  private static final Pattern FREE =
      Pattern.compile(
          "java\\.(io|lang(?!\\.foreign)|math|nio(?!\\.file|\\.channels)|security|text|time"
              + "|util(?!\\.logging))\\b.*");

  private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+)[;<]");
  private static final Pattern DESCRIPTOR = Pattern.compile("[(<\\[]*[BCDFIJSZVL(].*");

  private record Room(String name, Set<String> ours, List<String> others) {

    static Room of(String line) {
      String[] parts = line.split("\\|", -1);
      Set<String> ours = Set.of(words(parts[1].replace("VALUES", VALUES)));
      return new Room(
          parts[0].strip(), ours, parts.length > 2 ? List.of(words(parts[2])) : List.of());
    }

    private static String[] words(String text) {
      return text.isBlank() ? new String[0] : text.strip().split("\\s+", -1);
    }

    boolean sees(String type) {
      if (type.startsWith("dev.patronus.")) {
        String room = room(type);
        return room.equals(name) || ours.contains(room);
      }
      return FREE.matcher(type).matches()
          || others.stream().anyMatch(o -> type.startsWith(o + "."));
    }
  }

  private static final Map<String, Room> ROOMS =
      PLAN.lines().map(Room::of).collect(toMap(Room::name, room -> room));

  private static String room(String type) {
    String[] names = type.split("\\.", -1);
    return names.length > 3 ? names[2] : "Main";
  }

  @Test
  void every_class_sees_only_what_the_floor_plan_lets_its_room_see() throws IOException {
    Set<String> complaints = new TreeSet<>();
    for (ClassModel model : classes()) {
      String name = dotted(model.thisClass().asInternalName());
      Room room = ROOMS.get(room(name));
      if (room == null) {
        complaints.add(name + " lives in a room that is not on the floor plan");
        continue;
      }
      seenBy(model).stream()
          .filter(type -> !room.sees(type))
          .forEach(type -> complaints.add("%s reaches into %s".formatted(name, type)));
    }
    assertEquals("", String.join("\n", complaints), "the floor plan is in this test");
  }

  @Test
  void the_plan_has_no_way_back() {
    List<String> order = PLAN.lines().map(line -> Room.of(line).name()).toList();
    for (Room room : ROOMS.values()) {
      for (String seen : room.ours()) {
        assertTrue(
            order.indexOf(seen) < order.indexOf(room.name()),
            () -> "%s may not see %s: it stands further down".formatted(room.name(), seen));
      }
    }
  }

  @Test
  void no_package_lacks_a_door_plate() throws IOException {
    Set<Path> folders;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      folders =
          files.filter(f -> f.toString().endsWith(".java")).map(Path::getParent).collect(toSet());
    }
    for (Path folder : folders) {
      Path plate = folder.resolve("package-info.java");
      assertTrue(Files.exists(plate), () -> folder + " has no package-info.java");
      String text = Files.readString(plate).replaceAll("\\s*///\\s*", " ");
      for (String sentence : List.of("In: ", "Out: ", "Never knows: ")) {
        assertTrue(text.contains(sentence), () -> plate + " does not say '" + sentence + "'");
      }
    }
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

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import dev.patronus.cli.CommandTree;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.cli.command.CommandNode.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.sqlite.JDBC;
import org.sqlite.util.LibraryLoaderUtil;
import org.sqlite.util.OSInfo;

/// Makes `target/patronus`, the program as it is installed, of classes and jars.
///
/// Maven runs this file in its `package` phase with the runtime class path:
///
///     java -cp target/classes:a.jar:b.jar src/build/java/Distribution.java
///
/// 1. **classes**: ours and those of all jars, in one folder. picocli's come from its sources,
///    because its jar is Java 5 bytecode, which no AOT cache takes; ours pass [BootstrapCalls], one
///    of Jackson's passes [DecimalConstants].
/// 2. **module**: with our own `module-info`, one modular jar.
/// 3. **run time**: jlink makes an image of the JDK's modules that it needs, with it inside.
/// 4. **legal**: the [BillOfMaterials] and the licences.
/// 5. **rehearsal**: the image plays the commands of `src/dist/rehearsal` and keeps in an AOT cache
///    what they needed: a small one for what is called all day, since every class in it costs time
///    even unused, one for tables, and a full one. A daemon answers meanwhile, as it does all day.
///
/// Where nothing of this has changed since the last time, nothing is done but copying papers. The
/// folder is made aside and then renamed, so that there is never half a program.
final class Distribution {

  private static final Path DIST = Path.of("src/dist");
  private static final Path CLASSES = Path.of("target/classes");
  private static final Path WORK = Path.of("target/distribution");
  private static final Path SCRIPT = Path.of("/usr/bin/script");
  private static final Path HOME = Path.of("target/patronus");
  private static final int TRIES = 600;
  private static final List<String> OPTIONS = List.of("short", "long", "daemon");

  /// The command of the small cache.
  private static final String HOT = "stats";

  /// The caches, each with the options that it is rehearsed with.
  private static final Map<String, String> CACHES =
      Map.of("hot", "short", "table", "short", "full", "long");

  /// What jars carry beside classes and resources: signatures, other platforms' libraries, the
  /// papers of their own builds.
  private static final List<String> LEFT_OUT =
      List.of(
          "META-INF/",
          "OSGI-INF/",
          "org/sqlite/native/",
          "org/jline/nativ/FreeBSD",
          "org/jline/nativ/Linux",
          "org/jline/nativ/Mac",
          "org/jline/nativ/Windows",
          "module-info.");

  /// JLine looks here for its terminals.
  private static final String NOT_LEFT_OUT = "META-INF/jline/";

  private final List<Path> jars;
  private final String fingerprint;
  private final Path made = WORK.resolve("patronus");

  private Distribution(List<Path> jars, String fingerprint) {
    this.jars = jars;
    this.fingerprint = fingerprint;
  }

  public static void main(String[] args) throws IOException, InterruptedException, SQLException {
    String classPath = System.getProperty("java.class.path");
    Files.createDirectories(WORK);
    Files.writeString(WORK.resolve("class-path"), classPath);
    List<Path> jars =
        Stream.of(classPath.split(":")).map(Path::of).filter(Files::isRegularFile).toList();
    Distribution distribution = new Distribution(jars, fingerprint(jars));
    if (distribution.isMade()) {
      say(HOME + " is up to date");
    } else {
      distribution.make();
    }
    copyPapers();
  }

  /// Names all that decides what the program does and how it starts: the same name, the same
  /// program. Libraries of a released version do not change; their names say enough.
  private static String fingerprint(List<Path> jars) throws IOException {
    MessageDigest digest = sha256();
    digest.update(Runtime.version().toString().getBytes(StandardCharsets.UTF_8));
    for (Path jar : jars) {
      digest.update(jar.getFileName().toString().getBytes(StandardCharsets.UTF_8));
    }
    for (Path folder : List.of(CLASSES, DIST, Path.of("src/build/java"))) {
      for (Path file : filesUnder(folder)) {
        digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private boolean isMade() throws IOException {
    Path launcher = HOME.resolve("bin/patronus");
    return Files.exists(launcher) && Files.readString(launcher).contains(fingerprint);
  }

  private void make() throws IOException, InterruptedException, SQLException {
    long start = System.nanoTime();
    Path module = WORK.resolve("module");
    delete(module);
    delete(made);
    Files.createDirectories(made.resolve("bin"));
    Files.createDirectories(made.resolve("lib"));

    collectClasses(module);
    Path jar = made.resolve("lib/patronus.jar");
    makeModule(module, jar);
    checkModule(module);
    makeRunTime(jar);
    unpackSqliteLibrary();
    unpackTerminalLibrary();
    writeLauncher();
    BillOfMaterials bill = new BillOfMaterials(jars);
    Path legal = Files.createDirectories(made.resolve("legal"));
    bill.copyLicences(legal);
    bill.write(legal.resolve("bom.json"));
    for (String cache : CACHES.keySet()) {
      rehearse(cache);
    }

    delete(HOME);
    Files.move(made, HOME);
    say("%s made in %.1f s".formatted(HOME, (System.nanoTime() - start) / 1e9));
  }

  private void collectClasses(Path into) throws IOException {
    boolean ownPicocli = false;
    for (Path jar : jars) {
      String name = jar.getFileName().toString();
      if (name.startsWith("picocli-")) {
        if (name.endsWith("-sources.jar")) {
          copyTree(compiled(jar), into);
          ownPicocli = true;
        }
      } else {
        copyJar(jar, into);
      }
    }
    if (!ownPicocli) {
      throw new IllegalStateException("the class path has no picocli-*-sources.jar");
    }
    copyTree(CLASSES, into);
    BootstrapCalls.replaceIn(into.resolve("dev/patronus"));
    Path parsers = into.resolve("tools/jackson/core/base");
    DecimalConstants.replaceIn(parsers.resolve("ParserMinimalBase.class")); // has them
    DecimalConstants.replaceIn(parsers.resolve("ParserBase.class")); // uses them
  }

  /// The classes of a jar of sources, compiled once and kept.
  private static Path compiled(Path sourcesJar) throws IOException {
    Path classes = WORK.resolve(sourcesJar.getFileName().toString().replace(".jar", ""));
    if (Files.exists(classes)) {
      return classes;
    }
    Path sources = WORK.resolve("sources");
    delete(sources);
    copyJar(sourcesJar, sources);
    Path unfinished = WORK.resolve("unfinished");
    delete(unfinished);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-d", unfinished.toString(), "-nowarn", "-Xlint:none", "-proc:none"));
    arguments.addAll(List.of("--release", "25", "-XDstringConcat=inline"));
    filesUnder(sources).stream()
        .map(Path::toString)
        .filter(file -> file.endsWith(".java") && !file.endsWith("module-info.java"))
        .forEach(arguments::add);
    run("javac", arguments.toArray(String[]::new));
    Files.move(unfinished, classes);
    return classes;
  }

  private static void copyJar(Path jar, Path into) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      Path root = zip.getPath("/");
      copyTree(root, into);
      // Of a multi-release jar, what this Java sees: the newest last.
      for (int version = 9; version <= Runtime.version().feature(); version++) {
        copyTree(root.resolve("META-INF/versions/" + version), into);
      }
    }
  }

  private static void makeModule(Path classes, Path jar) throws IOException {
    run(
        "javac",
        "-d",
        classes.toString(),
        "--patch-module",
        "dev.patronus=" + classes,
        DIST.resolve("module-info.java").toString());
    run(
        "jar",
        "--create",
        "--file",
        jar.toString(),
        "--main-class",
        "dev.patronus.Main",
        "--date",
        "2026-11-01T00:00:00Z",
        "-C",
        classes.toString(),
        ".");
  }

  /// The module descriptor is not compiled with the classes; what they use of the JDK and it does
  /// not name would be missing in the image, and be found out by a user.
  private static void checkModule(Path classes) throws IOException {
    Set<String> named;
    try (InputStream descriptor = Files.newInputStream(classes.resolve("module-info.class"))) {
      named =
          ModuleDescriptor.read(descriptor).requires().stream()
              .map(ModuleDescriptor.Requires::name)
              .collect(toSet());
    }
    // Lines such as "classes -> java.sql"; what is not of the JDK is "not found".
    for (String line : run("jdeps", "-s", CLASSES.toString()).lines().toList()) {
      String used = line.substring(line.indexOf("-> ") + 3);
      if (!used.equals("not found") && !named.contains(used)) {
        throw new IllegalStateException(
            "the program uses " + used + ", which " + DIST + "/module-info.java does not require");
      }
    }
  }

  private void makeRunTime(Path jar) {
    // The module's classes keep their line numbers: -v shows them.
    run(
        "jlink",
        "--module-path",
        jar.toString(),
        "--add-modules",
        "dev.patronus",
        "--no-header-files",
        "--no-man-pages",
        "--output",
        made.resolve("runtime").toString());
  }

  /// The driver would unpack it into /tmp at each start.
  private void unpackSqliteLibrary() throws IOException {
    String resource =
        LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
    try (InputStream library = OSInfo.class.getResourceAsStream(resource)) {
      if (library == null) {
        throw new IllegalStateException("the SQLite driver has no " + resource);
      }
      Files.copy(library, made.resolve("lib/" + LibraryLoaderUtil.getNativeLibName()));
    }
  }

  /// The same for JLine's, with which the shell reads single keys. On a machine without one, JLine
  /// calls stty.
  private void unpackTerminalLibrary() throws IOException {
    String name = System.mapLibraryName("jlinenative");
    String resource =
        "/org/jline/nativ/"
            + org.jline.nativ.OSInfo.getNativeLibFolderPathForCurrentOS()
            + "/"
            + name;
    try (InputStream library = org.jline.nativ.OSInfo.class.getResourceAsStream(resource)) {
      if (library != null) {
        Files.copy(library, made.resolve("lib/" + name));
      }
    }
  }

  private void writeLauncher() throws IOException {
    for (String profile : OPTIONS) {
      Files.copy(options(profile, DIST), options(profile, made.resolve("lib")));
    }
    Path launcher = made.resolve("bin/patronus");
    String text = Files.readString(DIST.resolve("patronus"));
    Files.writeString(
        launcher,
        text.replaceFirst("(?m)^ *# @commands@.*\n", Matcher.quoteReplacement(profiles()))
            .replace("@fingerprint@", fingerprint));
    launcher.toFile().setExecutable(true, false);
  }

  /// The cases of the launcher: the first words of all commands by their profiles. `stats` alone
  /// uses the small cache.
  private static String profiles() {
    Map<Profile, List<String>> words = new EnumMap<>(Profile.class);
    for (CommandNode node : CommandTree.ROOT.children()) {
      List<CommandNode> full = node.name().equals(HOT) ? node.children() : List.of(node);
      for (CommandNode each : full) {
        words.computeIfAbsent(each.profile(), _ -> new ArrayList<>()).add(each.name());
      }
    }
    StringBuilder cases = new StringBuilder();
    words.forEach((profile, names) ->
        cases
            .append("    " + String.join(" | ", names) + ") ")
            .append(
                switch (profile) {
                  case SHORT -> "cache=full";
                  case TABLE -> "cache=table";
                  case LONG -> "options=long cache=full";
                  case STREAM -> "options=long cache=table";
                  case DAEMON -> "options=daemon cache=daemon && export MALLOC_ARENA_MAX=2";
                })
            .append(" ;;\n"));
    return cases.toString();
  }

  private static Path options(String profile, Path folder) {
    return folder.resolve(profile + ".options");
  }

  private void rehearse(String cache) throws IOException, InterruptedException {
    Path lib = made.resolve("lib").toAbsolutePath();
    // Not below the build's folder: a socket's path has at most 107 bytes (unix(7)).
    Path stage = Files.createTempDirectory("patronus-");
    makeDatabase(stage.resolve("sdwan.db"));
    Path file = DIST.resolve("rehearsal/" + cache);
    List<String> java = new ArrayList<>(java(CACHES.get(cache), lib));
    java.addAll(
        List.of(
            cacheOutput(cache, lib),
            "-m",
            "dev.patronus/dev.patronus.Rehearsal",
            file.toAbsolutePath().toString()));
    Path keys = DIST.resolve("rehearsal/" + cache + ".keys");
    // The daemon that answers most of these commands makes the cache for daemons.
    Process daemon =
        startDaemon(
            stage, lib, cache.equals("full") ? List.of(cacheOutput("daemon", lib)) : List.of());
    try {
      Process play = start(Files.exists(keys) && hasTerminals() ? onTerminal(java) : java, stage);
      try (OutputStream typed = play.getOutputStream()) {
        typed.write(Files.exists(keys) ? Files.readAllBytes(keys) : new byte[0]);
      }
      if (play.waitFor() != 0) {
        throw new IllegalStateException(
            "the rehearsal failed:\n" + Files.readString(stage.resolve("log")));
      }
    } finally {
      daemon.destroy();
      daemon.waitFor();
    }
    delete(stage);
  }

  /// The option that makes Java write a cache when it ends.
  private String cacheOutput(String cache, Path lib) {
    return "-XX:AOTCacheOutput=" + lib.resolve(cache + "-" + fingerprint + ".aot");
  }

  /// Starts a daemon on `live.db`, with the socket `live.sock`, and sends it some flows; many if it
  /// makes a cache.
  private Process startDaemon(Path stage, Path lib, List<String> options)
      throws IOException, InterruptedException {
    Path live = Files.createDirectory(stage.resolve("live"));
    makeDatabase(live.resolve("live.db"));
    InetSocketAddress netflow = freePort();
    InetSocketAddress sflow = freePort();
    List<String> java = new ArrayList<>(java("daemon", lib));
    java.addAll(options);
    java.addAll(
        List.of(
            "-m",
            "dev.patronus/dev.patronus.Main",
            "daemon",
            "--db=live.db",
            "--socket=live.sock",
            "--state-dir=.",
            "--metrics-listen=off",
            "--source=netflow://127.0.0.1:" + netflow.getPort(),
            "--source=sflow://127.0.0.1:" + sflow.getPort()));
    Process daemon = start(java, live);
    Path log = live.resolve("log");
    for (int i = 0; !Files.readString(log).contains(" ready: "); i++) {
      if (i == TRIES || !daemon.isAlive()) {
        daemon.destroy();
        throw new IllegalStateException(
            "the rehearsal's daemon did not start:\n" + Files.readString(log));
      }
      Thread.sleep(50);
    }
    try (ExportTraffic traffic = new ExportTraffic(netflow, sflow)) {
      traffic.sendLittle();
      if (!options.isEmpty()) {
        traffic.sendMuch();
      }
    }
    return daemon;
  }

  private static InetSocketAddress freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }
  }

  /// The Java of the image with the options of a profile.
  private List<String> java(String profile, Path lib) {
    return List.of(
        made.resolve("runtime/bin/java").toAbsolutePath().toString(),
        "@" + options(profile, lib),
        "-Dorg.sqlite.lib.path=" + lib,
        "-Dorg.sqlite.tmpdir=" + lib,
        "-Dlibrary.jline.path=" + lib,
        "-Dpatronus.terminals=");
  }

  /// Starts a program in a folder, in which its output is `log`.
  private static Process start(List<String> words, Path folder) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATRONUS_DB_PATH",
                "sdwan.db",
                "PATRONUS_PAGER",
                "",
                "LANG",
                "C.UTF-8",
                "TZ",
                "Europe/Berlin",
                "TERM",
                "xterm-256color",
                "XDG_STATE_HOME",
                folder.toAbsolutePath().toString()));
    return builder
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  /// Whether script(1) of util-linux can give a program a terminal: without one the shell's classes
  /// are only found when it starts, a few hundred milliseconds later.
  private static boolean hasTerminals() {
    return System.getProperty("os.name").equals("Linux") && Files.isExecutable(SCRIPT);
  }

  /// The same program on a terminal of its own, at which what it gets from us is typed.
  private static List<String> onTerminal(List<String> program) {
    String line =
        program.stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(joining(" "));
    return List.of(SCRIPT.toString(), "-qec", "stty rows 24 cols 80; " + line, "/dev/null");
  }

  /// A database of the newest platform, as `db init` makes it, with a few rows of each kind.
  private static void makeDatabase(Path file) throws IOException {
    try (Connection connection = new JDBC().connect("jdbc:sqlite:" + file, new Properties());
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(Files.readString(CLASSES.resolve("dev/patronus/store/newest.sql")));
      statement.executeUpdate(Files.readString(DIST.resolve("rehearsal/database.sql")));
    } catch (SQLException e) {
      throw new IllegalStateException("the rehearsal's database cannot be made", e);
    }
  }

  /// What people read and other programs load: cheap, and no part of the fingerprint.
  private static void copyPapers() throws IOException {
    copy(Path.of("LICENSE"), HOME);
    for (String folder : List.of("completions", "man")) {
      copyTree(Path.of(folder), HOME.resolve(folder));
    }
    copy(DIST.resolve("patronus.service"), HOME.resolve("systemd"));
    copy(DIST.resolve("patronus.conf"), HOME.resolve("etc"));
    copyTree(DIST.resolve("monitoring"), HOME.resolve("monitoring"));
  }

  // ---- tools, files

  /// Runs a tool of the JDK and gives what it printed.
  private static String run(String tool, String... arguments) {
    StringWriter printed = new StringWriter();
    PrintWriter printer = new PrintWriter(printed);
    int exitCode = ToolProvider.findFirst(tool).orElseThrow().run(printer, printer, arguments);
    if (exitCode != 0) {
      throw new IllegalStateException(tool + " failed with " + exitCode + ":\n" + printed);
    }
    return printed.toString();
  }

  private static List<Path> filesUnder(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /// Copies over what is there already; nothing where the folder is not there.
  private static void copyTree(Path from, Path into) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    for (Path file : filesUnder(from)) {
      String name = from.relativize(file).toString();
      if (!isLeftOut(name)) {
        Path target = into.resolve(name);
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void copy(Path file, Path into) throws IOException {
    Files.createDirectories(into);
    Path target = into.resolve(file.getFileName());
    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean isLeftOut(String name) {
    return LEFT_OUT.stream().anyMatch(name::startsWith) && !name.startsWith(NOT_LEFT_OUT);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void say(String line) {
    System.out.println("distribution: " + line);
  }
}

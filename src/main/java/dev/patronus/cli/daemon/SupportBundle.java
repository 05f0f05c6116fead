package dev.patronus.cli.daemon;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Version;
import dev.patronus.cli.terminal.SystemProgram;
import dev.patronus.control.Request;
import dev.patronus.control.answer.DiagnosticsAnswer;
import dev.patronus.doctor.Pseudonyms;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileErrors;
import dev.patronus.file.FileRights;
import dev.patronus.file.OutputTarget;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.file.TarWriter;
import dev.patronus.policy.Policy;
import dev.patronus.site.Site;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.store.DiskSpace;
import dev.patronus.store.maintenance.SchemaReport;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.NamesTable;
import dev.patronus.store.table.PolicyTable;
import dev.patronus.store.table.SiteTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/// The archive of `doctor --bundle`: what others need to know of this machine to help, each thing
/// in a file of its own.
///
/// What cannot be read becomes a file that says why. Secrets are taken out always; addresses and
/// names are replaced by [Pseudonyms] unless they are asked for. Confined to the command's thread.
final class SupportBundle {
  private static final String FOLDER = "patronus-bundle/";
  private static final int LOG_LINES = 2_000;

  /// Values behind a word such as `password`, passwords within URLs, and the paths of URLs, which
  /// may be secret themselves (webhooks).
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)((?:pass(?:word|wd|phrase)|secret|token|api[-_]?key|credentials?)[\"']?\\s*[=:]\\s*"
              + "|\\b(?:bearer|basic)\\s+)([^\\s\"',]+)"
              + "|(://[^\\s/@:]*:)([^\\s/@]+)(?=@)"
              + "|(https?://[^\\s/\"']+/)([^\\s\"',]+)");

  private final Invocation call;
  private final Optional<Pseudonyms> pseudonyms;
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final List<String> contents = new ArrayList<>();

  SupportBundle(Invocation call, boolean withNames) {
    this.call = call;
    this.pseudonyms = withNames ? Optional.empty() : Optional.of(pseudonyms());
  }

  private Pseudonyms pseudonyms() {
    Pseudonyms all = new Pseudonyms();
    all.add("host", List.of(text(Path.of("/proc/sys/kernel/hostname")).strip()));
    all.add("user", users());
    all.add(
        "exporter",
        call.settings().texts("exporter-name").stream()
            .map(line -> line.strip().replaceFirst("\\S+\\s+", ""))
            .toList());
    try {
      all.add("site", new SiteTable(call.database()).all().stream().map(Site::name).toList());
      all.add("policy", new PolicyTable(call.database()).all().stream().map(Policy::name).toList());
      FailoverTable failover = new FailoverTable(call.database());
      if (failover.exists()) {
        all.add("failover", failover.all().stream().map(FailoverPolicy::name).toList());
      }
      NamesTable names = new NamesTable(call.database());
      all.add("site", names.deletedSites().stream().map(NamesTable.Name::name).toList());
    } catch (UserError _) {
      // without a database nothing of it is in the bundle
    }
    return all;
  }

  /// People, not the users of services, whose names say nothing.
  private static List<String> users() {
    List<String> users = new ArrayList<>();
    for (String line : text(Path.of("/etc/passwd")).split("\n", -1)) {
      String[] fields = line.split(":", -1);
      if (fields.length > 2 && fields[2].matches("[0-9]{4,9}") && !fields[0].equals("nobody")) {
        users.add(fields[0]);
      }
    }
    return users;
  }

  // ---- what is collected

  /// Collects all, and writes it.
  ///
  /// @param doctor the answer of the command itself
  /// @param target where nothing is, or what may be replaced
  Answer write(Answer doctor, Path target) {
    add("version.json", "the versions of command, Java and kernel", this::version);
    add(
        "status.json",
        "what the daemon says of itself",
        () -> ask(new Request.Status(), Json.Obj::toString) + "\n");
    add("doctor.json", "the checks from packet to disk", () -> json(doctor));
    add("config.json", "each setting and where it comes from, without secrets", this::config);
    add("log.txt", "the last " + LOG_LINES + " lines of the journal", this::journal);
    add(
        "schema.sql",
        "tables, indexes and triggers of the database",
        () -> String.join(";\n\n", SchemaReport.of(call.database()).statements()) + ";\n");
    add("sizes.txt", "pages of the database, the largest row number of each table", this::sizes);
    Supplier<DiagnosticsAnswer> diagnostics = diagnostics();
    add("metrics.txt", "the daemon's metrics", () -> diagnostics.get().metrics());
    add("threads.txt", "the daemon's threads", () -> diagnostics.get().threads());
    add("machine.txt", "memory, load, disk and UDP counters of the machine", this::machine);
    save(target);
    Answer answer =
        new Answer()
            .report()
            .member("file", target.toString())
            .member("pseudonyms", pseudonyms.isPresent())
            .say("Wrote " + target + " with these files:");
    contents.forEach(line -> answer.say("  " + line));
    return answer.say(
        pseudonyms.isPresent()
            ? "Addresses and names are replaced by pseudonyms; look through it before you send it."
            : "It contains addresses and names, as --with-names asked.");
  }

  /// Adds a file; where its content cannot be had, it says why.
  private void add(String name, String what, Supplier<String> content) {
    String text;
    try {
      text = content.get();
      contents.add(name + ": " + what);
    } catch (UserError e) {
      text = "not available: " + e.getMessage() + "\n";
      contents.add(name + ": " + text.strip());
    }
    files.put(name, shown(text));
  }

  /// The bytes of a file, without secrets and with pseudonyms.
  private byte[] shown(String text) {
    String clean = withoutSecrets(text);
    return pseudonyms
        .map(each -> each.replace(clean))
        .orElse(clean)
        .getBytes(StandardCharsets.UTF_8);
  }

  /// The text with `***` in place of passwords, tokens, and all but the host of web addresses.
  static String withoutSecrets(String text) {
    return SECRET
        .matcher(text)
        .replaceAll(found -> {
          int kept = found.group(1) != null ? 1 : found.group(3) != null ? 3 : 5;
          return Matcher.quoteReplacement(found.group(kept) + "***");
        });
  }

  private String version() {
    Answer answer =
        new Answer()
            .member("version", Version.TEXT)
            .member("java_version", Runtime.version().toString())
            .member("kernel", text(Path.of("/proc/version")).strip())
            .member("system", text(Path.of("/etc/os-release")))
            .member("collected_at", call.now());
    return json(answer);
  }

  private <T> T ask(Request request, Function<Json.Obj, T> reading) {
    return new DaemonConnection(call).require(request, reading, "it is not part of the bundle.");
  }

  /// What the daemon says of its metrics and threads, or why it does not; it is asked once.
  private Supplier<DiagnosticsAnswer> diagnostics() {
    try {
      DiagnosticsAnswer said = ask(new Request.Diagnostics(), DiagnosticsAnswer::read);
      return () -> said;
    } catch (UserError e) {
      return () -> {
        throw e;
      };
    }
  }

  private String json(Answer answer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new AnswerPrinter(Format.JSON, call.screen(), false).print(answer, out);
    } catch (IOException e) {
      throw new IllegalStateException(e); // the stream is in memory
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private String config() {
    return json(ConfigShowCommand.answer(call));
  }

  private String sizes() {
    Path file = call.databaseFile();
    return String.join("\n", SchemaReport.of(call.database()).sizes())
        + "\nbytes on disk "
        + DiskSpace.taken(file)
        + "\n";
  }

  private String journal() {
    Path program =
        SystemProgram.find("journalctl")
            .orElseThrow(() -> new UserError(ExitCode.NOT_FOUND, "this system has no journalctl"));
    try {
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  "--unit=patronus",
                  "--lines=" + LOG_LINES,
                  "--output=short-iso",
                  "--no-pager",
                  "--no-hostname",
                  "--quiet")
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      if (exitCode != 0 || text.isEmpty()) {
        throw new UserError(
            ExitCode.NOT_FOUND,
            "the journal has no lines of the unit patronus that this user may read "
                + text.strip());
      }
      return text;
    } catch (IOException e) {
      throw new UserError(ExitCode.FAILED, "journalctl cannot be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.INTERRUPTED, "interrupted", e);
    }
  }

  private String machine() {
    StringBuilder text = new StringBuilder();
    for (String file : List.of("/proc/loadavg", "/proc/meminfo", "/proc/net/snmp")) {
      text.append("# ").append(file).append('\n').append(text(Path.of(file)));
    }
    try {
      FileStore store = Files.getFileStore(call.databaseFile().toAbsolutePath().getParent());
      text.append("# disk of the database\n")
          .append(store.type())
          .append(' ')
          .append(store.getUsableSpace())
          .append(" of ")
          .append(store.getTotalSpace())
          .append(" bytes free\n");
    } catch (IOException e) {
      text.append("# disk of the database: ").append(FileErrors.reason(e)).append('\n');
    }
    return text.toString();
  }

  /// The text of a file of the system; empty if it cannot be read.
  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      return "";
    }
  }

  // ---- the archive

  private void save(Path target) {
    try (AtomicFile file =
        AtomicFile.beginUntilSignal(target, AtomicFile.temporaryOf(target), FileRights.PRIVATE)
            .orElseThrow(() -> new UserError(ExitCode.INTERRUPTED, "interrupted"))) {
      GZIPOutputStream zipped = new GZIPOutputStream(file.out());
      TarWriter tar = new TarWriter(zipped, call.now());
      tar.add(FOLDER + "README.txt", shown(readMe()));
      for (Map.Entry<String, byte[]> each : files.entrySet()) {
        tar.add(FOLDER + each.getKey(), each.getValue());
      }
      tar.finish();
      zipped.finish();
      file.commit();
    } catch (IOException e) {
      throw OutputTarget.cannotWrite(target, e);
    }
  }

  private String readMe() {
    return "Support bundle of patronus "
        + Version.TEXT
        + ", collected "
        + call.now()
        + ".\n\n"
        + String.join("\n", contents)
        + "\n\nPasswords, tokens and the paths of web addresses are replaced by ***.\n"
        + (pseudonyms.isPresent()
            ? "Addresses, names of sites, policies, exporters, people and this machine, and keys are"
                + " replaced by\npseudonyms; one thing has the same pseudonym in all files.\n"
            : "Addresses and names are as they are, as --with-names asked.\n");
  }
}

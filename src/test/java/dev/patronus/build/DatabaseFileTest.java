package dev.patronus.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.Main;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Only classes that are named here open files: closing any descriptor of a database releases the
/// locks of all connections that the process has to it (fcntl(2)), so a path that can be a database
/// is opened by SQLite alone.
class DatabaseFileTest {

  /// Who opens files, and why none of them is a database that is in use.
  private static final List<String> OPENERS =
      Arrays.stream(
              """
              Main                  its own standard output
              Rehearsal             a list of commands, while the program is built
              cli.ManCommand        pages of the manual, while the program is built
              cli.ShellCommand      a script, before any connection
              cli.deletion.NameFile  refuses a database that is open, before any is opened
              cli.daemon.MachineProbe   /proc
              cli.export.AppendedFile   a name that the command has compared with the database
              cli.report.ReportContent  /proc
              cli.daemon.SupportBundle  /etc/passwd, /etc/os-release, /proc
              cli.policy.PolicyFile     refuses a database that is open
              cli.policy.PolicyTestCommand  refuses a database that is open
              cli.terminal.CurrentUser  /proc
              collect.CounterFile   a name of its own
              config.ConfigFile     cli.Cli refuses the database as a configuration file
              daemon.Daemon         /proc
              notify.Notice         /proc
              fleet.address.SecretFile  refuses more than 32 KiB, and the database is larger
              output.file.ExportState   a name that the command has compared with the database
              shell.HistoryFile     a name of its own
              source.TotalsJournal  a name of its own
              source.conntrack.ConntrackCheck   /proc
              source.conntrack.ConntrackSource  /proc
              source.netflow.KernelDrops    /proc
              source.netflow.TemplateFile  a name of its own
              store.maintenance.FileSystem  /proc
              store.maintenance.DatabaseDraft  drafts, locked, while no connection to one is open
              source.pcap.PcapSource  daemon.source.SourceFactory refuses the database
              """
                  .split("\n", -1))
          .filter(line -> !line.isBlank())
          .map(line -> line.substring(0, line.indexOf(' ')))
          .toList();

  /// Packages that open only files that they have made or examined.
  private static final Set<String> PACKAGES = Set.of("file");

  /// What opens a file by its name.
  private static final Pattern OPENS =
      Pattern.compile(
          "java/nio/file/Files\\.(new(InputStream|OutputStream|ByteChannel|BufferedReader"
              + "|BufferedWriter)|read(AllBytes|AllLines|String)|write(String)?|lines|copy"
              + "|mismatch|probeContentType)"
              + "|java/nio/channels/(Asynchronous)?FileChannel\\.open"
              + "|java/io/(File(Input|Output)Stream|RandomAccessFile|FileReader|FileWriter)\\.<init>");

  @Test
  void no_class_opens_files_but_those_that_never_meet_a_database() throws Exception {
    Set<String> openers = new TreeSet<>();
    for (ClassModel model : classes()) {
      if (opensFiles(model)) {
        openers.add(name(model));
      }
    }
    openers.removeAll(OPENERS);
    openers.removeIf(name -> PACKAGES.contains(name.replaceFirst("\\..*", "")));
    assertEquals(
        Set.of(),
        openers,
        "these open files: make sure that none can be the database, and name them here");
  }

  private static boolean opensFiles(ClassModel model) {
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof MemberRefEntry member
          && OPENS
              .matcher(member.owner().asInternalName() + "." + member.name().stringValue())
              .matches()) {
        return true;
      }
    }
    return false;
  }

  /// The outermost class without the program's prefix.
  private static String name(ClassModel model) {
    return model
        .thisClass()
        .asInternalName()
        .replace('/', '.')
        .replaceFirst("^dev\\.patronus\\.", "")
        .replaceFirst("\\$.*", "");
  }

  private static List<ClassModel> classes() throws IOException, URISyntaxException {
    Path root = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      List<ClassModel> models = new java.util.ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        models.add(ClassFile.of().parse(file));
      }
      return models;
    }
  }
}

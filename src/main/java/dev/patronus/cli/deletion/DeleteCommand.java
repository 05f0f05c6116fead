package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder.Beginnings;
import dev.patronus.config.DaemonSettings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.role.Role;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.DeletionPlan.PlannedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.store.deletion.ItemDeletion;
import dev.patronus.time.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/// `patronus site delete`, `policy delete` and `db leftovers delete`: the plan, the confirmation,
/// and the deletion in one transaction.
@SuppressWarnings("this-escape") // options only keep the reference while the model is built
public abstract class DeleteCommand extends Command {
  private final ItemTexts texts;
  private final Optional<Names> names;
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be deleted without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");
  private final Option<Duration> keep;

  /// So many missing names are told on stderr; JSON has them all.
  private static final int MISSING_SHOWN = 20;

  /// What is to be deleted, by id.
  ///
  /// @param missing the names that nothing has; empty where that is an error
  /// @param none what is said if nothing is to be deleted
  private record Chosen(List<String> ids, Optional<List<String>> missing, String none) {}

  /// How they are named.
  private record Names(Option<List<String>> items, Option<Path> from, Option<Boolean> ifExists) {}

  /// @param completes what completes the names
  /// @param text what is said about the names
  protected DeleteCommand(ItemKind kind, Completes completes, String text, String... description) {
    super(description);
    texts = ItemTexts.of(kind);
    names =
        Optional.of(
            new Names(
                arguments(
                    kind.word().toUpperCase(Locale.ROOT), "0..*", typed -> typed, completes, text),
                option(
                    "--from",
                    "FILE",
                    Path::of,
                    Completes.FILE,
                    "also those named in this file, one on each line, by whole name or id; - is"
                        + " standard input"),
                flag(
                    "--if-exists",
                    "a missing "
                        + kind.word()
                        + " is not an error, but told; takes whole names and ids only")));
    keep = keep(kind);
  }

  /// A command that itself says which are deleted.
  protected DeleteCommand(ItemKind kind, String... description) {
    super(description);
    texts = ItemTexts.of(kind);
    names = Optional.empty();
    keep = keep(kind);
  }

  private Option<Duration> keep(ItemKind kind) {
    return option(
        "--keep",
        "DURATION",
        DurationText::parse,
        "how long the "
            + kind.plural()
            + " can be restored (default: setting deleted-sites-keep, else 30d)");
  }

  /// Finds the id of one that was named, among all there are. Nothing is found where none can be
  /// named.
  ///
  /// @throws UserError if nothing fits, several do, or the beginning of an id is not taken
  protected BiFunction<String, Beginnings, String> finder(Invocation call) {
    return (typed, _) -> typed;
  }

  /// How many active flows they have.
  protected ActiveFlows activeFlows(Invocation call) {
    return ActiveFlows.UNKNOWN;
  }

  /// Whether the command itself says which are deleted, so that none needs to be named.
  protected boolean choosesItself() {
    return names.isEmpty();
  }

  /// Those that the command itself says, by id.
  protected List<String> chosen(Invocation call) {
    return List.of();
  }

  @Override
  protected final void check() {
    boolean named =
        names.isPresent()
            && (names.get().from().given() || !names.get().items().or(List.of()).isEmpty());
    if (named == choosesItself()) {
      throw new UserError(
          ExitCode.USAGE,
          named
              ? "give either " + texts.kind().plural() + " or --inactive-for"
              : "which " + texts.word() + "? give a name, or --from a file with names");
    }
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(dryRun.get() ? Role.VIEWER : Role.ADMIN);
  }

  @Override
  public final Answer run(Invocation call) {
    Chosen chosen =
        choosesItself()
            ? new Chosen(chosen(call), Optional.empty(), texts.none())
            : named(call, names.orElseThrow());
    tellMissing(chosen.missing().orElse(List.of()), call);
    List<String> ids = chosen.ids();
    HumanFormat humane = call.screen().humane();
    if (ids.isEmpty()) {
      return new DeletionAnswer(texts, ActiveFlows.UNKNOWN, chosen.missing(), humane)
          .nothing(chosen.none() + "; nothing was changed", dryRun.get());
    }
    DeletionAnswer answer = new DeletionAnswer(texts, activeFlows(call), chosen.missing(), humane);
    if (dryRun.get()) {
      ItemDeletion deletion = deletion(call.database());
      return answer.rehearsed(deletion.plan(ids), deletion.neededBy(ids));
    }
    Optional<DeletionPlan> agreed =
        yes.get() ? Optional.empty() : Optional.of(ask(call, ids, answer));
    ItemDeletion.Deleted deleted =
        deletion(call.writableDatabase()).delete(call.actor(), call.now(), keep(call), ids, agreed);
    new DaemonConnection(call).tellChanged();
    boolean seen = agreed.isPresent() && call.format() == Format.TABLE;
    return answer.done(deleted, !seen);
  }

  private ItemDeletion deletion(Database database) {
    return new ItemDeletion(database, texts.kind());
  }

  /// A beginning of an id stands for the whole only where a person typed it: a line of a file, or a
  /// name that may be missing, is perhaps the name of one that is gone.
  private Chosen named(Invocation call, Names given) {
    boolean mayMiss = given.ifExists().get();
    Beginnings ofTyped = mayMiss ? Beginnings.NONE : yes.get() ? Beginnings.LONG : Beginnings.ALL;
    List<String> typed = given.items().or(List.of());
    List<String> lines = given.from().given() ? NameFile.read(call, given.from().get()) : List.of();
    BiFunction<String, Beginnings, String> finder = finder(call);
    Set<String> ids = new LinkedHashSet<>();
    Set<String> missing = new LinkedHashSet<>();
    for (String text : typed) {
      find(text, ofTyped, finder, mayMiss ? Optional.of(missing) : Optional.empty())
          .ifPresent(ids::add);
    }
    for (String text : lines) {
      find(text, Beginnings.NONE, finder, mayMiss ? Optional.of(missing) : Optional.empty())
          .ifPresent(ids::add);
    }
    return new Chosen(
        List.copyOf(ids),
        mayMiss ? Optional.of(List.copyOf(missing)) : Optional.empty(),
        typed.isEmpty() && lines.isEmpty()
            ? NameFile.called(given.from().get()) + " names no " + texts.kind().plural()
            : "none of the " + texts.kind().plural() + " exists");
  }

  /// @param missing takes a name that nothing has; empty where that is an error
  private static Optional<String> find(
      String text,
      Beginnings beginnings,
      BiFunction<String, Beginnings, String> finder,
      Optional<Set<String>> missing) {
    try {
      return Optional.of(finder.apply(text, beginnings));
    } catch (UserError e) {
      if (e.exitCode() != ExitCode.NOT_FOUND || missing.isEmpty()) {
        throw e;
      }
      missing.get().add(text);
      return Optional.empty();
    }
  }

  private void tellMissing(List<String> missing, Invocation call) {
    if (missing.isEmpty()) {
      return;
    }
    int more = missing.size() - MISSING_SHOWN;
    List<String> shown = missing.subList(0, Math.min(missing.size(), MISSING_SHOWN));
    call.say(
        HumanFormat.visible(
            "patronus: "
                + (missing.size() == 1 ? texts.word() : texts.kind().plural())
                + " not found: "
                + String.join(", ", shown)
                + (more > 0 ? " and " + more + " more" : "")));
  }

  private Duration keep(Invocation call) {
    return keep.given() ? keep.get() : DaemonSettings.deletedKeep(call.settings());
  }

  /// Shows what would go and asks; returns what was shown.
  private DeletionPlan ask(Invocation call, List<String> ids, DeletionAnswer answer) {
    call.requireSomebodyToAsk(this);
    ItemDeletion deletion = deletion(call.database());
    DeletionPlan plan = deletion.plan(ids);
    Answer shown = answer.plan(plan, deletion.neededBy(ids), new Answer());
    call.session().err().println(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown));
    if (!plan.isSevere()) {
      call.confirm(this, false, "Delete " + texts.extent(plan.items()) + "?");
    } else if (plan.items().size() == 1) {
      PlannedItem item = plan.items().getFirst();
      String paths = ItemTexts.count(item.paths(), "path");
      call.confirmByTyping(
          this,
          "Its " + paths + " will be deleted too. Type the site's name to confirm",
          item.name());
    } else {
      String words = "delete " + plan.items().size() + " sites";
      call.confirmByTyping(this, "Type '" + words + "' to confirm", words);
    }
    return plan;
  }
}

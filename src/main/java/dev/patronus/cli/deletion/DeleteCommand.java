package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.config.DaemonSettings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.role.Role;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.DeletionPlan.PlannedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.store.deletion.ItemDeletion;
import dev.patronus.time.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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
                    "also those named in this file, one on each line; - is standard input"),
                flag("--if-exists", "a missing " + kind.word() + " is not an error")));
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
  /// @throws UserError if nothing fits, or several do
  protected Function<String, String> finder(Invocation call) {
    return typed -> typed;
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
    List<String> ids = choosesItself() ? chosen(call) : choose(typed(call), finder(call));
    if (ids.isEmpty()) {
      return DeletionAnswer.nothing(
          choosesItself()
              ? texts.none() + "; nothing was changed"
              : "none of the " + texts.kind().plural() + " exists; nothing was changed",
          dryRun.get());
    }
    DeletionAnswer answer = new DeletionAnswer(texts, activeFlows(call), call.screen().humane());
    if (dryRun.get()) {
      return answer.rehearsed(deletion(call.database()).plan(ids));
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

  private List<String> typed(Invocation call) {
    Names given = names.orElseThrow();
    List<String> typed = new ArrayList<>(given.items().or(List.of()));
    if (given.from().given()) {
      typed.addAll(NameFile.read(call, given.from().get()));
    }
    return typed;
  }

  private List<String> choose(List<String> typed, Function<String, String> finder) {
    Set<String> ids = new LinkedHashSet<>();
    for (String text : typed) {
      try {
        ids.add(finder.apply(text));
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.NOT_FOUND || !names.orElseThrow().ifExists().get()) {
          throw e;
        }
      }
    }
    return List.copyOf(ids);
  }

  private Duration keep(Invocation call) {
    return keep.given() ? keep.get() : DaemonSettings.deletedKeep(call.settings());
  }

  /// Shows what would go and asks; returns what was shown.
  private DeletionPlan ask(Invocation call, List<String> ids, DeletionAnswer answer) {
    call.requireSomebodyToAsk(this);
    DeletionPlan plan = deletion(call.database()).plan(ids);
    Answer shown = answer.plan(plan, new Answer());
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

package dev.patronus.cli.command;

import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// A command: its options, said once, and what it does.
///
/// Confined to one thread; one instance per call. Options and arguments are fields that register
/// themselves in picocli's model, from which the parser, the help, the manual, the completions and
/// the shell read them. The programmatic model is what makes a call start fast: nothing is looked
/// up by reflection.
public abstract class Command {

  /// A way to call the command that the help and the manual show, and a test runs.
  ///
  /// @param command what comes after `patronus`: `site delete berlin --dry-run`
  public record Example(String command, String what) {
    private static final Pattern WORD = Pattern.compile("(?:[^ ']|'[^']*')+");

    /// Its words as a shell divides them, with their quotes.
    public List<String> words() {
      return WORD.matcher(command).results().map(MatchResult::group).toList();
    }
  }

  /// What completes a value while it is typed.
  public enum Completes {
    NOTHING,
    FILE,
    TIME,
    RANGE,
    DURATION,
    STEP,
    ZONE,
    /// A column of the command's table.
    COLUMN,
    EXPORTER,
    SITE,
    POLICY,
    PATH,
    FAILOVER_POLICY,
    ALERT,
    BUDGET,
    /// A gateway of the hub.
    GATEWAY,
    DELETED_SITE,
    DELETED_POLICY
  }

  /// An option that is not yet in picocli's model.
  ///
  /// @param names its names, apart by blanks
  private record Declaration(String names, Supplier<OptionSpec> spec) {}

  @SuppressWarnings("this-escape") // picocli only keeps the reference while the model is built
  private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

  private final List<Option<?>> values = new ArrayList<>();
  private final List<Declaration> declared = new ArrayList<>();
  private int shownLast;
  private final List<Example> examples = new ArrayList<>();

  /// @param description what the command does, in paragraphs; empty where its one line says it all
  protected Command(String... description) {
    spec.usageMessage().description(description);
  }

  /// Answers the call. What was typed is read; the world is still untouched.
  ///
  /// @throws dev.patronus.error.UserError where the user can do something about it
  /// @throws IOException if the output, or what the command works on, fails
  public abstract Answer run(Invocation call) throws IOException;

  /// Checks what was typed where options depend on each other; called before [#run].
  protected void check() {}

  /// The role that this call requires of its user; empty if it concerns neither the database nor
  /// the daemon, or if the daemon decides.
  public Optional<Role> requiredRole() {
    return Optional.of(Role.VIEWER);
  }

  /// Its place in picocli's model.
  public final CommandSpec spec() {
    return spec;
  }

  /// Puts the options whose names are wanted into picocli's model.
  ///
  /// @param wanted decides by the names of one, apart by blanks
  final void addOptions(Predicate<String> wanted) {
    for (Declaration each : declared) {
      if (wanted.test(each.names())) {
        spec.addOption(each.spec().get());
      }
    }
  }

  /// Puts the options that are declared so far after those that follow.
  protected final void showOptionsLast() {
    shownLast = declared.size();
  }

  /// Whether it has an option of this name, typed or not.
  public final boolean hasOption(String name) {
    return declared.stream().anyMatch(each -> List.of(each.names().split(" ", -1)).contains(name));
  }

  public final List<Example> examples() {
    return List.copyOf(examples);
  }

  public final void readValues() {
    values.forEach(Option::read);
    check();
  }

  protected final void example(String command, String what) {
    examples.add(new Example(command, what));
  }

  /// An option without a value: `flag("--dry-run", "…")`.
  public final Option<Boolean> flag(String names, String text) {
    Option<Boolean> opt = register(names, Boolean.class::cast).initially(false);
    declare(
        names,
        opt,
        text,
        () ->
            OptionSpec.builder(names.split(" ", -1))
                .type(boolean.class)
                .arity("0")
                .initialValue(false));
    return opt;
  }

  /// An option with a value, which is completed as its label says.
  ///
  /// @param names its names, apart by blanks: `"-n --limit"`
  /// @param reading turns the text into the value; throws [IllegalArgumentException] where it is
  ///   none
  protected final <T> Option<T> option(
      String names, String label, Function<String, T> reading, String text) {
    return option(names, label, reading, labelled(label), text);
  }

  public final <T> Option<T> option(
      String names, String label, Function<String, T> reading, Completes completes, String text) {
    Option<T> opt = register(names, one(reading));
    declare(
        names, opt, text, () -> single(names, label).completionCandidates(candidates(completes)));
    return opt;
  }

  /// An option whose value may be left out: `--watch`, `--watch 5s` and `--watch=5s`. The next word
  /// is its value unless it begins with a dash, so it cannot stand right before an argument.
  ///
  /// @param defaultValue what is meant where no value is typed
  public final <T> Option<T> optionWithDefault(
      String names, String label, String defaultValue, Function<String, T> reading, String text) {
    Option<T> opt = register(names, one(reading));
    declare(
        names,
        opt,
        text,
        () ->
            single(names, label)
                .arity("0..1")
                .fallbackValue(defaultValue)
                .completionCandidates(candidates(labelled(label))));
    return opt;
  }

  /// An option with a value out of a few.
  public final <E extends Enum<E>> Option<E> choice(
      String names, String label, Class<E> choices, String text) {
    Option<E> opt = register(names, one(word -> EnumNames.read(choices, word)));
    declare(
        names, opt, text, () -> single(names, label).completionCandidates(EnumNames.of(choices)));
    return opt;
  }

  private static OptionSpec.Builder single(String names, String label) {
    return OptionSpec.builder(names.split(" ", -1)).paramLabel(label).type(String.class).arity("1");
  }

  /// An option that may be given several times, or once with commas.
  public final <T> Option<List<T>> options(
      String names, String label, Function<String, T> reading, Completes completes, String text) {
    return options(names, label, reading, candidates(completes), text);
  }

  /// The same, with the words that people mostly want.
  public final <T> Option<List<T>> options(
      String names,
      String label,
      Function<String, T> reading,
      @Nullable Iterable<String> candidates,
      String text) {
    Option<List<T>> opt = register(names, each(reading));
    declare(
        names,
        opt,
        text,
        () ->
            single(names, label)
                .splitRegex(",")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .completionCandidates(candidates));
    return opt;
  }

  /// The one argument of a command.
  ///
  /// @param arity `"1"` if it must be there, `"0..1"` if it may
  protected final <T> Option<T> argument(
      String label, String arity, Function<String, T> reading, Completes completes, String text) {
    Option<T> opt = register(label, one(reading));
    add(next(label, arity).completionCandidates(candidates(completes)), opt, text);
    return opt;
  }

  /// The one argument of a command, out of a few words.
  protected final <E extends Enum<E>> Option<E> argumentChoice(
      String label, Class<E> choices, String text) {
    Option<E> opt = register(label, one(word -> EnumNames.read(choices, word)));
    add(next(label, "1").completionCandidates(EnumNames.of(choices)), opt, text);
    return opt;
  }

  /// The arguments of a command that takes several.
  ///
  /// @param arity `"1..*"` if there must be one, `"0..*"` if not
  protected final <T> Option<List<T>> arguments(
      String label, String arity, Function<String, T> reading, Completes completes, String text) {
    return arguments(label, arity, reading, candidates(completes), text);
  }

  /// The same, with the words that people mostly want.
  public final <T> Option<List<T>> arguments(
      String label,
      String arity,
      Function<String, T> reading,
      @Nullable Iterable<String> candidates,
      String text) {
    Option<List<T>> opt = register(label, each(reading));
    PositionalParamSpec.Builder several = next(label, arity).index(nextIndex() + "..*");
    several.type(List.class).auxiliaryTypes(String.class);
    add(several.completionCandidates(candidates), opt, text);
    return opt;
  }

  /// picocli takes no argument to be required by its arity alone.
  private PositionalParamSpec.Builder next(String label, String arity) {
    return PositionalParamSpec.builder()
        .paramLabel(label)
        .type(String.class)
        .index(nextIndex())
        .arity(arity)
        .required(arity.startsWith("1"));
  }

  private String nextIndex() {
    return Integer.toString(spec.positionalParameters().size());
  }

  private <T> Option<T> register(String label, Function<Object, T> reading) {
    String shown = label.substring(label.lastIndexOf(' ') + 1);
    Option<T> opt = new Option<>(shown, reading);
    values.add(opt);
    return opt;
  }

  private void declare(
      String names, Option<?> opt, String text, Supplier<OptionSpec.Builder> builder) {
    declared.add(
        declared.size() - shownLast,
        new Declaration(
            names,
            () -> builder.get().getter(opt.typed()).setter(opt.typed()).description(text).build()));
  }

  private void add(PositionalParamSpec.Builder argument, Option<?> opt, String text) {
    argument.getter(opt.typed()).setter(opt.typed()).description(text);
    spec.addPositional(argument.build());
  }

  private static Completes labelled(String label) {
    return switch (label) {
      case "TIME" -> Completes.TIME;
      case "RANGE" -> Completes.RANGE;
      case "DURATION", "AGE", "INTERVAL" -> Completes.DURATION;
      case "STEP" -> Completes.STEP;
      default -> Completes.NOTHING;
    };
  }

  private static @Nullable Iterable<String> candidates(Completes completes) {
    return completes == Completes.NOTHING ? null : new DynamicCandidates(completes);
  }

  private static <T> Function<Object, T> one(Function<String, T> reading) {
    return typed -> reading.apply((String) typed);
  }

  private static <T> Function<Object, List<T>> each(Function<String, T> reading) {
    return typed -> {
      List<T> values = new ArrayList<>();
      ((List<?>) typed).forEach(text -> values.add(reading.apply((String) text)));
      return List.copyOf(values);
    };
  }
}

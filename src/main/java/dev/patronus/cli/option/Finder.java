package dev.patronus.cli.option;

import dev.patronus.cli.command.Nearest;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// Finds the one thing that a person meant: by its id, its name, or the beginning of either.
///
/// Immutable. A whole id is preferred to a whole name, a whole name to beginnings; what several
/// things fit is refused with those that were in question, never guessed.
///
/// @param kind what is looked for, in words: `site`
/// @param things all there are, in the order in which people see them
/// @param id the id as people write it
/// @param list the command that shows all of them: `site list`
public record Finder<T>(
    String kind,
    List<T> things,
    Function<? super T, String> id,
    Function<? super T, String> name,
    String list) {
  private static final int CANDIDATES_SHOWN = 5;

  /// So much of an id people copy: the first group of a UUID.
  private static final int ID_BEGINNING = 8;

  /// Which beginnings of an id stand for the whole of it.
  public enum Beginnings {
    /// Those of any length: a person sees what was found, and is asked.
    ALL,
    /// Those that are as long as the first group of a UUID: nobody is asked.
    LONG,
    /// None: a program wrote the text, and it may be the name of what is gone.
    NONE
  }

  public Finder {
    Objects.requireNonNull(kind, "kind");
    things = List.copyOf(things);
  }

  /// The thing that was meant.
  ///
  /// @throws UserError if nothing fits, or several things do
  public T find(String typed) {
    return find(typed, lower -> thing -> begins(id(thing), lower) || begins(name(thing), lower));
  }

  /// The thing that was meant, where a mistake is dear: the beginning of a name is not enough, and
  /// a name that is the beginning of another thing's id, and long enough to be meant for one, is
  /// ambiguous.
  ///
  /// @throws UserError if nothing fits, several things do, or the text is a beginning that is not
  ///   taken
  public T findWhole(String typed, Beginnings beginnings) {
    String text = typed.strip();
    if (beginnings == Beginnings.NONE) {
      return find(text, _ -> _ -> false);
    }
    T found = findWholeOrBeginning(text);
    if (beginnings == Beginnings.LONG
        && text.length() < ID_BEGINNING
        && !id(found).equalsIgnoreCase(text)
        && !name(found).equalsIgnoreCase(text)) {
      throw new UserError(
          ExitCode.REFUSED,
          "'%s' is only the beginning of the id of %s '%s' (%s); without a question, give the name or at least %d characters of the id"
              .formatted(text, kind, name(found), id(found), ID_BEGINNING));
    }
    return found;
  }

  private T findWholeOrBeginning(String text) {
    if (text.length() >= ID_BEGINNING && isNameAndBeginning(text)) {
      String lower = text.toLowerCase(Locale.ROOT);
      throw ambiguous(
          text,
          things.stream()
              .filter(thing -> name(thing).equalsIgnoreCase(text) || begins(id(thing), lower))
              .toList());
    }
    return find(text, lower -> thing -> begins(id(thing), lower));
  }

  private boolean isNameAndBeginning(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return things.stream().anyMatch(thing -> name(thing).equalsIgnoreCase(text))
        && things.stream().noneMatch(thing -> id(thing).equalsIgnoreCase(text))
        && things.stream()
            .anyMatch(thing -> begins(id(thing), lower) && !name(thing).equalsIgnoreCase(text));
  }

  private T find(String typed, Function<String, Predicate<T>> beginning) {
    String text = typed.strip();
    String lower = text.toLowerCase(Locale.ROOT);
    List<Predicate<T>> ways =
        List.of(
            thing -> id.apply(thing).equalsIgnoreCase(text),
            thing -> name.apply(thing).equals(text),
            thing -> name.apply(thing).equalsIgnoreCase(text),
            beginning.apply(lower));
    for (Predicate<T> way : text.isEmpty() ? List.<Predicate<T>>of() : ways) {
      List<T> fitting = things.stream().filter(way).toList();
      if (fitting.size() == 1) {
        return fitting.getFirst();
      }
      if (fitting.size() > 1) {
        throw ambiguous(text, fitting);
      }
    }
    throw notFound(text);
  }

  private String id(T thing) {
    return id.apply(thing);
  }

  private String name(T thing) {
    return name.apply(thing);
  }

  private static boolean begins(String text, String lower) {
    return text.toLowerCase(Locale.ROOT).startsWith(lower);
  }

  private UserError ambiguous(String text, List<T> fitting) {
    StringBuilder message =
        new StringBuilder(kind + " '" + text + "' is ambiguous; use one of these ids: ");
    for (T thing : fitting.subList(0, Math.min(fitting.size(), CANDIDATES_SHOWN))) {
      message.append(id.apply(thing)).append(" (").append(name.apply(thing)).append("), ");
    }
    message.setLength(message.length() - 2);
    int more = fitting.size() - CANDIDATES_SHOWN;
    return new UserError(
        ExitCode.REFUSED, more > 0 ? message + " and " + more + " more" : message.toString());
  }

  private UserError notFound(String text) {
    return new UserError(
        ExitCode.NOT_FOUND,
        kind
            + " '"
            + text
            + "' not found; "
            + near(text).map(Nearest::didYouMean).orElseGet(this::whatThereIs));
  }

  /// The name that was probably meant; empty if none is near.
  private Optional<String> near(String text) {
    List<String> names = things.stream().<String>map(name).toList();
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> longer = names.stream().filter(n -> !text.isEmpty() && begins(n, lower)).toList();
    return longer.size() == 1 ? Optional.of(longer.getFirst()) : Nearest.of(text, names);
  }

  private String whatThereIs() {
    return things.isEmpty()
        ? "there is none"
        : "'patronus " + list + "' shows " + Counted.existing(things.size());
  }
}

package dev.patronus.cli.command;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;

/// What was typed for one option or argument, and what it means.
///
/// Confined to the command's thread. picocli puts the typed text in; [#read()] turns it into the
/// value once, after parsing and before anything is touched.
///
/// @param <T> what the text means
public final class Option<T> {
  private final String label;
  private final Function<Object, T> reading;
  private @Nullable Object typed;
  private @Nullable T defaultValue;
  private @Nullable T value;

  Option(String label, Function<Object, T> reading) {
    this.label = label;
    this.reading = reading;
  }

  /// The same option with this value where nothing is typed.
  Option<T> defaultTo(@Nullable T defaultValue) {
    this.defaultValue = defaultValue;
    return this;
  }

  /// The same option with this in the place of what is typed, until something is.
  Option<T> initially(Object text) {
    typed = text;
    return this;
  }

  /// The value, of an option that is [#given].
  ///
  /// @throws NullPointerException if nothing was typed and there is no default
  public T get() {
    return Objects.requireNonNull(orNull(), label);
  }

  /// The value; empty where nothing was typed and there is no default.
  public Optional<T> find() {
    return Optional.ofNullable(orNull());
  }

  /// The value, or `other` where nothing was typed and there is no default.
  public T or(T other) {
    T given = orNull();
    return given == null ? other : given;
  }

  /// Whether it was typed, or has a default.
  public boolean given() {
    return orNull() != null;
  }

  /// The value; null where nothing was typed and there is no default.
  @Nullable T orNull() {
    return value == null ? defaultValue : value;
  }

  /// Turns the typed text into the value.
  ///
  /// @throws UserError of usage, that names the option and what it takes
  void read() {
    try {
      value = typed == null ? null : reading.apply(typed);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, label + ": " + e.getMessage(), e);
    }
  }

  /// Where picocli puts the typed text.
  Typed typed() {
    return new Typed();
  }

  /// The side that picocli sees.
  final class Typed implements IGetter, ISetter {
    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's interface
    public <X> @Nullable X get() {
      return (X) typed;
    }

    @Override
    public <X> @Nullable X set(X text) {
      X before = get();
      typed = text;
      return before;
    }
  }
}

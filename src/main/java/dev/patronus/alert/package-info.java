/// Alert rules: their text, what they measure, when they fire and recover ([AlertState#next]).
///
/// In: rules of the configuration, measured values, the time as an argument. Out: the state of each
/// alert, and the events that are to be announced. Never knows: where values come from, how an
/// event is delivered, clocks, files, SQL.
@NullMarked
package dev.patronus.alert;

import org.jspecify.annotations.NullMarked;

/// Text for people: numbers with units, aligned tables, charts, colours, fitted to the width of a
/// terminal.
///
/// In: values and a [Screen]. Out: lines of text. Never knows: where values come from, machine
/// formats.
@NullMarked
package dev.patronus.output.text;

import org.jspecify.annotations.NullMarked;

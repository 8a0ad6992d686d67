/** What all pictures share: axes, colours, fonts, and the way into SVG and PNG files. */
package dev.groklab.experiments.plot;

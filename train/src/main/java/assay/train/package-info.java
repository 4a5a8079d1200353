/** The training step: AdamW, schedules, clipping. */
package assay.train;

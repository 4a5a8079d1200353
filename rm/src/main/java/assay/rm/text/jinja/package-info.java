/** placeholder */
package assay.rm.text.jinja;

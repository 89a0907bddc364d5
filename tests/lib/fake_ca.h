/*
 * A CA of one row, for tests of a module: CLSID_CCertServerExit with whatever values a test wants it to have.
 *
 * The stub CA (wine/stubca) is honest; this one says anything at all. Seen by the threads of the MTA. One test at a time.
 */
#ifndef FAKE_CA_H
#define FAKE_CA_H

#include <windows.h>
#include <certsrv.h>

#define FAKE_CONTEXT 0x5eed             /* the one context that SetContext takes, besides 0 */

/* Register the class and forget all values; every property is empty. */
void fake_ca_begin(void);
void fake_ca_end(void);                 /* prints a failed check where callback objects are still alive */

/* Give a property, of the row or of the CA, a value or an error. `name` is compared without case; a later call replaces. */
void fake_ca_long(const WCHAR *name, LONG value);
void fake_ca_date(const WCHAR *name, DATE value);
void fake_ca_text(const WCHAR *name, const WCHAR *text);
void fake_ca_bytes(const WCHAR *name, const void *data, UINT size);             /* a BSTR of exactly so many bytes */
void fake_ca_null(const WCHAR *name);                                           /* VT_BSTR, NULL */
void fake_ca_variant(const WCHAR *name, VARTYPE type, LONGLONG value);          /* of any type */
void fake_ca_array(const WCHAR *name, UINT size);                                /* VT_ARRAY | VT_UI1, a new one for each question */
void fake_ca_object(const WCHAR *name);                                         /* VT_DISPATCH; fake_ca_end counts its references */
void fake_ca_reference(const WCHAR *name, VARTYPE type);                        /* VT_BYREF | type, to something of the CA's own */
void fake_ca_error(const WCHAR *name, HRESULT hr);
void fake_ca_garbage(const WCHAR *name, HRESULT hr);                            /* fails, and leaves an object that is nobody's to release */
void fake_ca_untouched(const WCHAR *name, HRESULT hr);                          /* returns `hr` and writes nothing */
void fake_ca_success(const WCHAR *name, HRESULT hr);                            /* a success code, with the value given before */

/* Attributes are looked up as the CA does it: without blanks, '-' and case. */
void fake_ca_attribute(const WCHAR *name, const WCHAR *text);
void fake_ca_attribute_error(const WCHAR *name, HRESULT hr);                    /* leaves a BSTR that is no pointer where it fails */
void fake_ca_extension(const WCHAR *oid, const void *data, UINT size, LONG flags);
void fake_ca_extension_error(const WCHAR *oid, HRESULT hr);

void fake_ca_needs_context(const WCHAR *name);                                  /* a property that is E_FAIL to an object without SetContext */

void fake_ca_after_context(const WCHAR *name, const WCHAR *text);                /* another text for an object with SetContext */

void fake_ca_refuse_objects(HRESULT hr);        /* from CoCreateInstance */
void fake_ca_refuse_context(HRESULT hr);        /* from SetContext */

void fake_ca_on_context(void (*call)(void));   /* what SetContext does besides; NULL: nothing */
void fake_ca_on_property(const WCHAR *name, void (*call)(void));        /* what a question for it does before it is answered; the name is kept */
void fake_ca_on_flags(void (*call)(void));     /* what GetCertificateExtensionFlags does */
void fake_ca_on_object(void (*call)(void));    /* what CoCreateInstance does */
void fake_ca_on_release(void (*call)(void));   /* what the last Release of an object does, before the object goes */
LONG fake_ca_left_behind(void);                /* callback objects that are alive; from now on they are nobody's */

LONG fake_ca_calls(void);               /* into ICertServerExit since the last question, SetContext included */

#endif

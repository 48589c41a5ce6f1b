//! The texts of the view of one referral, and of its script.

use super::super::language::InEach;

macro_rules! texts {
    ($($name:ident: $en:literal, $es:literal;)+) => {
        /// One field a text.
        pub(super) struct Texts { $(pub(super) $name: &'static str,)+ }

        pub(super) static TEXTS: InEach<Texts> = InEach {
            en: Texts { $($name: $en,)+ },
            es: Texts { $($name: $es,)+ },
        };
    };
}

texts! {
    title: "Referral", "Derivación";
    back: "Worklist", "Lista de trabajo";
    born: "born", "nac.";
    status: "Status", "Estado";
    then: "then", "después";
    why: "Why it presses", "Por qué apremia";
    points: "points", "puntos";
    look_at: "To look at", "Por revisar";
    tasks: "To do", "Por hacer";
    until: "until", "hasta";
    todo: "What to do next", "Qué hacer ahora";
    waits_for: "It waits for", "Está en espera de";
    by_letter: "This office has no software here. It answers by the link in a letter: print it and send it, and send the code another way.",
        "Esta consulta no tiene software aquí. Responde con el enlace de una carta: imprímala y envíela, y mande el código por otra vía.";
    letter: "Letter to the office", "Carta a la consulta";
    patient_note: "Note to the patient", "Nota para el paciente";
    nothing_to_do: "Nothing is left to do here.", "Aquí no queda nada por hacer.";
    reads_only: "Your key reads only.", "Su clave solo permite leer.";
    needs_script: "Acting on a referral needs JavaScript. Everything else on this page can be read without it.",
        "Para actuar se necesita JavaScript. Todo lo demás de esta página se puede leer sin él.";
    as_side: "As the", "Como";
    told_by: "Record what you were told by", "Registrar lo que le dijo";
    required_mark: "required", "obligatorio";
    choose: "Choose", "Elija";
    yes: "Yes", "Sí";
    no: "No", "No";
    recipient: "To whom", "A quién";
    find: "Search by office, service or specialty", "Buscar por consulta, servicio o especialidad";
    more: "More: search for it", "Hay más: búsquelo";
    own_number: "Your number for it", "Su número";
    add_row: "Add another", "Añadir otro";
    own_time: "in your time zone", "en su zona horaria";
    file: "File", "Archivo";
    files_help: "Up to 1.5 MB each", "Hasta 1,5 MB cada uno";
    cancel: "Cancel", "Cancelar";
    apply: "Apply now", "Aplicar ahora";
    sending: "Sending …", "Enviando…";
    sent: "Done.", "Hecho.";
    parked: "Stored. It is parked: it counts as soon as what comes before it is there.",
        "Guardado. Está en espera: contará en cuanto llegue lo que va antes.";
    duplicate: "This was sent before; nothing changed.", "Ya se había enviado; nada ha cambiado.";
    faults: "Please look at what is marked.", "Revise lo que está marcado.";
    moved_on: "It moved on while you looked at it. Nothing was sent, and what you wrote is kept. Look at the new state, then send again if it still fits.",
        "Cambió mientras usted la miraba. No se envió nada y lo que escribió se conserva. Mire la situación nueva y envíe otra vez si sigue siendo correcto.";
    meanwhile: "Meanwhile:", "Mientras tanto:";
    stands_now: "It stands now at:", "Ahora está en:";
    too_large: "This file is larger than 1.5 MB. Send a link to it instead.",
        "Este archivo supera 1,5 MB. Envíe un enlace en su lugar.";
    empty_file: "This file is empty.", "Este archivo está vacío.";
    bad_time: "This is no time.", "Esto no es una hora.";
    sure: "Are you sure?", "¿Está seguro?";
    sure_about: "This ends the referral, sends it elsewhere or takes something back. The other side is told at once.",
        "Esto termina la derivación, la envía a otro lugar o retira algo. La otra parte lo sabrá enseguida.";
    go_back: "Go back", "Volver";
    fault_other: "This cannot be taken:", "No se puede aceptar:";
    course: "The way against its time limits", "El recorrido frente a sus plazos";
    course_about: "A solid bar is time within the limit, a hatched one is time past it, the line marks the limit. The same is said in words beside each.",
        "La barra lisa es el tiempo dentro del plazo, la rayada el tiempo fuera de él y la línea marca el plazo. Lo mismo se dice con palabras.";
    whole_way: "The whole way", "Todo el recorrido";
    leg: "Leg", "Tramo";
    from: "From", "Desde";
    allowed_until: "allowed until", "permitido hasta";
    basis: "basis:", "base:";
    in_time: "in time", "a tiempo";
    stopped: "its clock stands still", "su reloj está parado";
    notices: "Notices that travel with it", "Avisos que la acompañan";
    redisclosure: "Restrictions on use and redisclosure", "Restricciones de uso y de nueva divulgación";
    reports: "Reports and documents", "Informes y documentos";
    request: "The request", "La solicitud";
    patient: "The patient", "El paciente";
    requirements: "What the service asks for", "Lo que pide el servicio";
    supporting: "What came with it", "Lo que se adjuntó";
    completeness: "Completeness: the ten items of a good request", "Integridad: los diez datos de una buena solicitud";
    closing: "The four facts that close the loop", "Los cuatro hechos que cierran el ciclo";
    contacts: "Attempts to reach the patient", "Intentos de localizar al paciente";
    barriers: "What stands in the way", "Obstáculos";
    questions: "Questions and answers", "Preguntas y respuestas";
    duplicate_of: "Referral", "Derivación";
    duplicates: "Possible duplicates", "Posibles duplicados";
    document: "Document", "Documento";
    download: "Download", "Descargar";
    open: "Open", "Abrir";
    met: "met", "cumplido";
    missing: "missing", "falta";
    there: "there", "está";
    too_old: "too old", "demasiado antiguo";
    overridden: "missing, sent all the same:", "falta, enviada de todos modos:";
    required: "required", "obligatorio";
    advisory: "advisory", "recomendado";
    insisted: "the recipient insists", "el destinatario insiste";
    report_received: "The report came", "Llegó el informe";
    matched: "It was matched to this referral", "Se asoció a esta derivación";
    acknowledged: "The referrer read it", "Lo leyó quien deriva";
    patient_informed: "The patient was told", "Se informó al paciente";
    not_yet: "not yet", "todavía no";
    open_until: "open, due", "pendiente, vence";
    resolved: "resolved", "resuelto";
    open_question: "Open question", "Pregunta abierta";
    question: "Question", "Pregunta";
    answer: "Answer", "Respuesta";
    events: "Everything that happened", "Todo lo que ocurrió";
    system: "The system", "El sistema";
    learned: "learned", "conocido";
    source: "source:", "origen:";
    implied: "Implied: taken to have happened.", "Implícito: se da por ocurrido.";
    chain_holds: "The chain of hashes holds", "La cadena de hashes es correcta";
    chain_broken: "THE CHAIN OF HASHES DOES NOT HOLD from this event on:", "LA CADENA DE HASHES NO ES CORRECTA a partir de este evento:";
    chain_events: "Number of events", "Número de eventos";
    chain_head: "last hash", "último hash";
}

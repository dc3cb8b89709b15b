office-closed = { $value } kúni qabıllaw joq
office-closed-due = Qarar múddeti usı sebepli uzaymaydı.

parts-title = Arzańız bólimleri
parts-done = { $of } bólimnen { $n } tayar
parts-standing-cannot-start = Házirshe baslaw múmkin emes
parts-standing-not-started = Baslanbaǵan
parts-standing-in-progress = Toltırılmaqta
parts-standing-done = Tayar
parts-kept = Bólimlerdi qálegen tártipte toltırıń. Juwaplarıńız saqlanadı; hámmesi tayar bolǵanda, olardı tekserip jiberesiz.

parts-title = Arzańız bólimleri
parts-done = { $of } bólimnen { $n } tayın
parts-standing-cannot-start = Házirshe baslaw múmkin emes
parts-standing-not-started = Baslanbaǵan
parts-standing-in-progress = Toltırılmaqta
parts-standing-done = Tayın
parts-kept = Bólimlerdi qálegen tártipte toltırıń. Juwaplarıńız saqlanadı; hámmesi tayın bolǵanda, olardı tekserip jiberesiz.
